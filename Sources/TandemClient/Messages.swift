import WireProtocol

// The messages that callers name, so that `import TandemClient` is enough.

public typealias Endpoint = WireProtocol.Endpoint
public typealias ConnectionSettings = WireProtocol.ConnectionSettings
public typealias StatusCode = WireProtocol.StatusCode
public typealias Welcome = WireProtocol.Welcome
public typealias Limits = WireProtocol.Limits
public typealias ModelDescription = WireProtocol.ModelDescription
public typealias ModelKind = WireProtocol.ModelKind

public typealias Document = WireProtocol.Document
public typealias TextField = WireProtocol.TextField
public typealias AttributeField = WireProtocol.AttributeField
public typealias VectorField = WireProtocol.VectorField
public typealias Acknowledgement = WireProtocol.Acknowledgement
public typealias Condition = WireProtocol.Condition
public typealias ConditionKind = WireProtocol.ConditionKind
public typealias UpsertOperation = WireProtocol.UpsertOperation
public typealias UpsertRequest = WireProtocol.UpsertRequest
public typealias UpsertResponse = WireProtocol.UpsertResponse
public typealias OperationResult = WireProtocol.OperationResult
public typealias OperationOutcome = WireProtocol.OperationOutcome
public typealias DeleteOperation = WireProtocol.DeleteOperation
public typealias DeleteRequest = WireProtocol.DeleteRequest
public typealias DeleteResponse = WireProtocol.DeleteResponse
public typealias GetResponse = WireProtocol.GetResponse
public typealias StoredDocument = WireProtocol.StoredDocument
public typealias FieldSelection = WireProtocol.FieldSelection

public typealias SearchRequest = WireProtocol.SearchRequest
public typealias SearchResponse = WireProtocol.SearchResponse
public typealias SearchMode = WireProtocol.SearchMode
public typealias Normalizer = WireProtocol.Normalizer
public typealias EmbedderFailure = WireProtocol.EmbedderFailure
public typealias RerankOptions = WireProtocol.RerankOptions
public typealias Thresholds = WireProtocol.Thresholds
public typealias FieldWeight = WireProtocol.FieldWeight
public typealias QuerySyntax = WireProtocol.QuerySyntax
public typealias QueryClause = WireProtocol.QueryClause
public typealias QueryOperator = WireProtocol.QueryOperator
public typealias Filter = WireProtocol.Filter
public typealias FilterNode = WireProtocol.FilterNode
public typealias FilterOperator = WireProtocol.FilterOperator
public typealias Value = WireProtocol.Value
public typealias Hit = WireProtocol.Hit
public typealias HighlightOptions = WireProtocol.HighlightOptions
public typealias HighlightedField = WireProtocol.HighlightedField
public typealias Passage = WireProtocol.Passage
public typealias PassageMatch = WireProtocol.PassageMatch
public typealias Example = WireProtocol.Example
public typealias Explanation = WireProtocol.Explanation
public typealias TermMatch = WireProtocol.TermMatch
public typealias FormMatch = WireProtocol.FormMatch
public typealias StageReport = WireProtocol.StageReport
public typealias RerankReport = WireProtocol.RerankReport
public typealias RerankStop = WireProtocol.RerankStop
public typealias Degradation = WireProtocol.Degradation
public typealias SemanticReport = WireProtocol.SemanticReport
public typealias ScoreBounds = WireProtocol.ScoreBounds

public typealias CollectionSchema = WireProtocol.CollectionSchema
public typealias TextFieldSchema = WireProtocol.TextFieldSchema
public typealias AttributeSchema = WireProtocol.AttributeSchema
public typealias VectorFieldDescription = WireProtocol.VectorFieldDescription
public typealias VectorFieldSchema = WireProtocol.VectorFieldSchema
public typealias AnalyzerOptions = WireProtocol.AnalyzerOptions
public typealias ValueType = WireProtocol.ValueType
public typealias VectorMetric = WireProtocol.VectorMetric
public typealias VectorQuantization = WireProtocol.VectorQuantization
public typealias CollectionDescription = WireProtocol.CollectionDescription
public typealias CollectionSummary = WireProtocol.CollectionSummary
public typealias MergeCollectionResponse = WireProtocol.MergeCollectionResponse
public typealias BuildingGeneration = WireProtocol.BuildingGeneration

public typealias HealthResponse = WireProtocol.HealthResponse
public typealias HealthStatus = WireProtocol.HealthStatus
public typealias InfoResponse = WireProtocol.InfoResponse
public typealias BackupResponse = WireProtocol.BackupResponse
public typealias CheckResponse = WireProtocol.CheckResponse
public typealias CheckFinding = WireProtocol.CheckFinding
