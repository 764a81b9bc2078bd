import CKernels
import SearchCore

/// Scans: the int8 codes of a segment in blocks; those of the accepted rows one by one where these are few; or, in a search that need not be exact, those of the rows that
/// 1-bit codes leave over.
extension VectorSearcher {
    /// - Returns: rows whose int8 codes were read, and rows whose 1-bit codes were.
    func scan(
        _ number: Int, _ effort: VectorSearchEffort, accept: AcceptView, scratch: ScanScratch, into list: inout CandidateList, control: QueryControl
    ) throws -> (scanned: Int, estimated: Int) {
        let segment = segments[number]
        let documents = segment.documents
        let count = segment.count
        var kernel = quantized.kernel
        let estimator = estimator(number, effort)
        // Without a bar everything passes, and a few rows make one.
        var estimatedRows = list.bar == -.infinity ? SignCodes.blockRows : Self.estimatedRows
        // Rows whose int8 codes are on their way from memory while the next ones are estimated.
        var awaited = 0
        var (scanned, estimated) = (0, 0)
        var start = 0
        while start < count {
            // Straight to the next accepted document, over any number of blocks.
            guard let doc = accept.next(from: documents[start]) else { break }
            if doc != documents[start] {
                start = segment.firstOrdinal(notBefore: doc, from: start)
                guard start < count else { break }
                // That row may belong to a later document, which need not be accepted.
                if !accept.contains(documents[start]) { continue }
            }
            try control.checkpoint()
            let rows = min(estimator != nil ? estimatedRows : Self.blockRows, count - start)
            let first = documents[start]
            let last = documents[start + rows - 1]
            let span = Int(last - first) + 1
            let accepted = accept.count(first: first, last: last)
            if accepted * Self.pickedRowCost >= span, let estimator {
                let picked = estimator.pick(start..<(start + rows), bar: list.bar, accept: accepted == span ? nil : accept, into: scratch.ordinals)
                compare(awaited, scratch.awaited, of: number, &kernel, scratch, into: &list)
                scratch.swapOrdinals()
                awaited = picked
                if rows < Self.estimatedRows {
                    // The bar is still rising.
                    compare(awaited, scratch.awaited, of: number, &kernel, scratch, into: &list)
                    awaited = 0
                }
                scanned += picked
                estimated += rows
            } else {
                compare(awaited, scratch.awaited, of: number, &kernel, scratch, into: &list)
                awaited = 0
                if accepted * Self.pickedRowCost < span {
                    let picked = pick(segment, start..<(start + rows), accepted: accepted, accept: accept, into: scratch.ordinals)
                    compare(picked, scratch.ordinals, of: number, &kernel, scratch, into: &list)
                    scanned += picked
                } else {
                    compareAll(start..<(start + rows), of: number, accept: accepted == span ? nil : accept, &kernel, scratch, into: &list)
                    scanned += rows
                }
            }
            try list.shrinkIfLong(control: control)
            start += rows
            estimatedRows = min(2 * estimatedRows, Self.estimatedRows)
        }
        compare(awaited, scratch.awaited, of: number, &kernel, scratch, into: &list)
        try list.shrinkIfLong(control: control)
        return (scanned, estimated)
    }

    /// Nil for an exact search, and where the segment has no 1-bit codes, or estimates would leave float32.
    private func estimator(_ number: Int, _ effort: VectorSearchEffort) -> SignEstimator? {
        let norm = quantized.kernel.norm
        guard effort != .exact, indexed.graphs[number] == nil, let signs = indexed.signs[number], segments[number].canBeEstimated(queryNorm: norm),
            case .binary(let query) = rotatedQuery(number)?.kernel
        else { return nil }
        return SignEstimator(signs: signs, query: query, queryNorm: Float(norm), deviations: effort.estimateMargin, segment: segments[number])
    }

    /// Offers the rows of a range, at most ``blockRows``, whose int8 bounds reach the bar.
    private func compareAll(
        _ rows: Range<Int>, of number: Int, accept: AcceptView?, _ kernel: inout tandem_query_i8, _ scratch: ScanScratch, into list: inout CandidateList
    ) {
        let segment = segments[number]
        let start = rows.lowerBound
        tandem_scan_i8(&kernel, segment.codes.baseAddress! + start * segment.codeStride, segment.codeStride, rows.count, scratch.dots)
        let found = tandem_select_i8(
            &kernel, scratch.dots, segment.scales.baseAddress! + start, segment.residuals.baseAddress! + start,
            segment.norms.baseAddress! + start, rows.count, list.bar, scratch.index, scratch.lower, scratch.upper)
        for j in 0..<found {
            // The bar rises inside a block, too.
            guard !(scratch.upper[j] < list.bar) else { continue }
            let ordinal = start + Int(scratch.index[j])
            let doc = segment.documents[ordinal]
            guard accept?.contains(doc) ?? true else { continue }
            list.offer(doc: doc, ordinal: ordinal, segment: number, lower: scratch.lower[j], upper: scratch.upper[j])
        }
    }

    /// Offers the rows in `ordinals`, ascending, whose int8 bounds reach the bar.
    private func compare(
        _ picked: Int, _ ordinals: UnsafeMutablePointer<UInt32>, of number: Int, _ kernel: inout tandem_query_i8, _ scratch: ScanScratch,
        into list: inout CandidateList
    ) {
        guard picked > 0 else { return }
        let segment = segments[number]
        tandem_scan_i8_at(&kernel, segment.codes.baseAddress!, segment.codeStride, ordinals, picked, scratch.dots)
        for j in 0..<picked {
            let ordinal = Int(ordinals[j])
            scratch.scales[j] = segment.scales[ordinal]
            scratch.residuals[j] = segment.residuals[ordinal]
            scratch.norms[j] = segment.norms[ordinal]
        }
        let found = tandem_select_i8(
            &kernel, scratch.dots, scratch.scales, scratch.residuals, scratch.norms, picked, list.bar,
            scratch.index, scratch.lower, scratch.upper)
        for j in 0..<found {
            guard !(scratch.upper[j] < list.bar) else { continue }
            let ordinal = Int(ordinals[Int(scratch.index[j])])
            list.offer(
                doc: segment.documents[ordinal], ordinal: ordinal, segment: number, lower: scratch.lower[j], upper: scratch.upper[j])
        }
    }

    /// Ordinals of the accepted rows in `range`, in order. - Returns: how many.
    private func pick(
        _ segment: VectorSegment, _ range: Range<Int>, accepted: Int, accept: AcceptView,
        into ordinals: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let documents = segment.documents
        var picked = 0
        // Few documents: from one to the next. Otherwise row by row, which costs a load and a test each.
        if accepted * 16 < range.count {
            var ordinal = range.lowerBound
            while ordinal < range.upperBound, let doc = accept.next(from: documents[ordinal]) {
                if doc != documents[ordinal] {
                    ordinal = segment.firstOrdinal(notBefore: doc, from: ordinal)
                    guard ordinal < range.upperBound else { break }
                    if documents[ordinal] != doc { continue }
                }
                while ordinal < range.upperBound, documents[ordinal] == doc {
                    ordinals[picked] = UInt32(ordinal)
                    picked += 1
                    ordinal += 1
                }
            }
        } else {
            for ordinal in range {
                // Written at once, kept if accepted: no branch to mispredict.
                ordinals[picked] = UInt32(ordinal)
                if accept.contains(documents[ordinal]) { picked += 1 }
            }
        }
        return picked
    }
}

/// A query against a segment's 1-bit codes.
private struct SignEstimator {
    let signs: SignCodes
    let query: tandem_sign_query
    let queryNorm: Float
    let deviations: Float
    let segment: VectorSegment

    /// Ordinals of the rows in `range` that may be above the bar, in order, to `ordinals`; asks for what int8 bounds need of them. - Returns: how many.
    func pick(_ range: Range<Int>, bar: Double, accept: AcceptView?, into ordinals: UnsafeMutablePointer<UInt32>) -> Int {
        var query = query
        let found = signs.pick(range, bar: Float(bar), &query, queryNorm: queryNorm, deviations: deviations, into: ordinals)
        let documents = segment.documents
        let (codes, stride) = (segment.codes.baseAddress!, segment.codeStride)
        var picked = 0
        for index in 0..<found {
            let ordinal = Int(ordinals[index])
            guard accept?.contains(documents[ordinal]) ?? true else { continue }
            // A few rows out of hundreds, from memory: while the next range is estimated they arrive.
            tandem_prefetch_lines(codes + ordinal * stride, stride)
            tandem_prefetch_line(segment.scales.baseAddress! + ordinal)
            tandem_prefetch_line(segment.residuals.baseAddress! + ordinal)
            tandem_prefetch_line(segment.norms.baseAddress! + ordinal)
            ordinals[picked] = UInt32(ordinal)
            picked += 1
        }
        return picked
    }
}
