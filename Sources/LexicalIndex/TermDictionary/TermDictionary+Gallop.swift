extension TermDictionary {
    /// The last block whose first key is not above a key, searched from a block on whose first key is not.
    ///
    /// For walks that skip ahead, mostly by little: doubling steps, then bisection (Bentley & Yao, 1976).
    /// - Parameter prefix: ``keyPrefix(_:)`` of the key.
    /// - Complexity: O(log of the blocks skipped).
    func block(of key: UnsafeRawBufferPointer, prefix: UInt64, from block: Int) throws(Damaged) -> Int {
        var low = block
        var step = 1
        while low + step < blockCount, try isFirstKey(ofBlock: low + step, notAbove: key, prefix) {
            low += step
            step *= 2
        }
        var high = min(low + step, blockCount)
        // Block `low` does not begin above the key; block `high` does, or is none.
        while high - low > 1 {
            let middle = (low + high) / 2
            if try isFirstKey(ofBlock: middle, notAbove: key, prefix) { low = middle } else { high = middle }
        }
        return low
    }

    @inline(__always)
    private func isFirstKey(ofBlock block: Int, notAbove key: UnsafeRawBufferPointer, _ wanted: UInt64) throws(Damaged) -> Bool {
        let first = prefix(ofBlock: block)
        if first != wanted { return first < wanted }
        guard let start = firstKey(ofBlock: block) else { throw Damaged("term dictionary, block \(block)") }
        return compareBytes(start, key) <= 0
    }
}
