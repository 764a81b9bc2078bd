import CKernels
import SearchCore

/// Exact searches: the int8 codes of a segment in blocks, or those of the accepted rows one by one.
extension VectorSearcher {
    /// - Returns: rows whose codes were read.
    func scan(
        _ number: Int, accept: AcceptView, scratch: ScanScratch, into list: inout CandidateList, control: QueryControl
    ) throws -> Int {
        let segment = segments[number]
        let documents = segment.documents
        let count = segment.count
        var kernel = quantized.kernel
        var scanned = 0
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
            let rows = min(Self.blockRows, count - start)
            let first = documents[start]
            let last = documents[start + rows - 1]
            let span = Int(last - first) + 1
            let accepted = accept.count(first: first, last: last)
            if accepted * Self.pickedRowCost >= span {
                tandem_scan_i8(
                    &kernel, segment.codes.baseAddress! + start * segment.codeStride, segment.codeStride, rows, scratch.dots)
                let found = tandem_select_i8(
                    &kernel, scratch.dots, segment.scales.baseAddress! + start, segment.residuals.baseAddress! + start,
                    segment.norms.baseAddress! + start, rows, list.bar, scratch.index, scratch.lower, scratch.upper)
                for j in 0..<found {
                    // The bar rises inside a block, too.
                    guard !(scratch.upper[j] < list.bar) else { continue }
                    let ordinal = start + Int(scratch.index[j])
                    let doc = documents[ordinal]
                    guard accepted == span || accept.contains(doc) else { continue }
                    list.offer(doc: doc, ordinal: ordinal, segment: number, lower: scratch.lower[j], upper: scratch.upper[j])
                }
                scanned += rows
            } else {
                let picked = pick(segment, start..<(start + rows), accepted: accepted, accept: accept, into: scratch.ordinals)
                tandem_scan_i8_at(&kernel, segment.codes.baseAddress!, segment.codeStride, scratch.ordinals, picked, scratch.dots)
                for j in 0..<picked {
                    let ordinal = Int(scratch.ordinals[j])
                    scratch.scales[j] = segment.scales[ordinal]
                    scratch.residuals[j] = segment.residuals[ordinal]
                    scratch.norms[j] = segment.norms[ordinal]
                }
                let found = tandem_select_i8(
                    &kernel, scratch.dots, scratch.scales, scratch.residuals, scratch.norms, picked, list.bar,
                    scratch.index, scratch.lower, scratch.upper)
                for j in 0..<found {
                    guard !(scratch.upper[j] < list.bar) else { continue }
                    let ordinal = Int(scratch.ordinals[Int(scratch.index[j])])
                    list.offer(
                        doc: documents[ordinal], ordinal: ordinal, segment: number, lower: scratch.lower[j],
                        upper: scratch.upper[j])
                }
                scanned += picked
            }
            try list.shrinkIfLong(control: control)
            start += rows
        }
        return scanned
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
