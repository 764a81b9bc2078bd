import ColumnIndex
import Storage
import TextAnalysis
import VectorIndex

// Types of the layers below that the engine's own API speaks of, so that `import HybridSearch` is enough to call it.

public typealias WriteBatch = Storage.WriteBatch
public typealias WriteOperation = Storage.WriteOperation
public typealias OperationResult = Storage.OperationResult
public typealias CommitOutcome = Storage.CommitOutcome
public typealias CommitLimits = Storage.Committer.CommitLimits
public typealias Filter = ColumnIndex.Filter
public typealias FilterNode = ColumnIndex.FilterNode
public typealias AnalyzerDefinition = TextAnalysis.AnalyzerDefinition
public typealias AnalysisReport = TextAnalysis.AnalysisReport
public typealias DistanceKernels = VectorIndex.DistanceKernels
