import SearchCore

extension LexicalSegment {
    /// Verifies the checksums anew, decodes everything and checks what it means: for `tandem check`, since opening only verifies checksums, and
    /// what is mapped may have changed since.
    ///
    /// Checked per field: keys rise and agree with the sparse index; posting lists lie back to back and fill their section up
    /// to the padding; documents rise, are below the document count and have a length; frequencies are at least 1; the
    /// lengths add up to the header's statistics.
    /// - Throws: `DATA_LOSS` naming the field and the place.
    /// - Complexity: O(bytes + postings).
    public func validate() throws {
        try verifyChecksums()
        for field in fields.indices {
            do throws(Damaged) {
                try validateNorms(fields[field])
                try validateTerms(fields[field], field: field)
            } catch { throw damaged(field, error.what) }
        }
    }

    private func validateNorms(_ field: Field) throws(Damaged) {
        guard let norms = field.norms else { return }
        var found = FieldStatistics()
        var extremes = (shortest: UInt16.max, longest: UInt16(0))
        for document in 0..<norms.count {
            let length = norms.lengths[document]
            guard norms.codes[document] == LengthCode(of: length).rawValue else {
                throw Damaged("document \(document): length \(length) with code \(norms.codes[document])")
            }
            guard length > 0 else { continue }
            found.documents += 1
            found.totalLength += UInt64(length)
            extremes = (min(extremes.shortest, length), max(extremes.longest, length))
        }
        guard extremes == (field.shortest, field.longest) else {
            throw Damaged("lengths from \(extremes.shortest) to \(extremes.longest), the header says \(field.shortest) to \(field.longest)")
        }
        guard found == field.statistics else {
            throw Damaged(
                "lengths of \(found.documents) documents add up to \(found.totalLength), the header says "
                    + "\(field.statistics.documents) and \(field.statistics.totalLength)")
        }
    }

    private func validateTerms(_ field: Field, field number: Int) throws(Damaged) {
        let postings = field.postings.bytes
        guard let dictionary = field.dictionary, let norms = field.norms else {
            guard postings.isEmpty else { throw Damaged("\(postings.count) bytes of postings without terms") }
            return
        }
        let block = UnsafeMutablePointer<UInt32>.allocate(capacity: 3 * LexicalFormat.blockPostings)
        defer { block.deallocate() }
        var buffer = PositionBuffer()
        let cursor = TermDictionaryCursor(dictionary)
        let impacts = NominalImpact(field.statistics)
        var terms = 0
        while try cursor.advance() {
            let list = try self.list(cursor.entry, field: number)
            var decoder = PostingCursor(list, documents: block, frequencies: block + LexicalFormat.blockPostings)
            var count = 0
            var listImpact = 0.0
            var blocks = 0
            while decoder.nextBlock() {
                var impact = 0.0
                for i in 0..<decoder.loaded {
                    impact = max(impact, impacts.impact(frequency: decoder.frequencies[i], length: norms.lengths[Int(decoder.documents[i])]))
                    guard norms.lengths[Int(decoder.documents[i])] > 0, decoder.frequencies[i] > 0 else {
                        throw Damaged("term \(terms): document \(decoder.documents[i]) has no length or frequency")
                    }
                }
                listImpact = max(listImpact, impact)
                if list.count > 1 {
                    let stored = blocks < list.fullBlocks ? list.impact(ofBlock: blocks) : list.restImpact
                    guard stored == NominalImpact.code(impact) else { throw Damaged("term \(terms), block \(blocks): impact \(stored)") }
                }
                blocks += 1
                count += decoder.loaded
            }
            if list.count > 1, !decoder.isDamaged {
                let hasRest = list.fullBlocks * LexicalFormat.blockPostings < list.count
                guard list.listImpact == NominalImpact.code(listImpact), hasRest || list.restImpact == 0 else {
                    throw Damaged("term \(terms): impact \(list.listImpact) of the list, \(list.restImpact) of its rest")
                }
            }
            guard !decoder.isDamaged, count == list.count else {
                throw Damaged("term \(terms): \(count) of \(list.count) postings decode")
            }
            try validateLayout(list, term: terms)
            try validatePositions(list, term: terms, block, &buffer)
            terms += 1
        }
        guard terms == dictionary.count else { throw Damaged("\(terms) terms, the header says \(dictionary.count)") }
        let expected = cursor.postingsEnd == 0 ? 0 : cursor.postingsEnd + LexicalFormat.postingsPadding
        guard postings.count == expected else { throw Damaged("\(postings.count) bytes of postings, expected \(expected)") }
        for i in cursor.postingsEnd..<postings.count where postings[i] != 0 { throw Damaged("postings: padding is not zero") }
        let positions = field.positions.bytes
        let expectedPositions = cursor.positionsEnd == 0 ? 0 : cursor.positionsEnd + LexicalFormat.postingsPadding
        guard positions.count == expectedPositions else { throw Damaged("\(positions.count) bytes of positions, expected \(expectedPositions)") }
        for i in cursor.positionsEnd..<positions.count where positions[i] != 0 { throw Damaged("positions: padding is not zero") }
    }

    /// There are as many as the frequencies say, they do not fall, and the blocks of postings begin where the skip entries say.
    private func validatePositions(
        _ list: PostingList, term: Int, _ block: UnsafeMutablePointer<UInt32>, _ buffer: inout PositionBuffer
    ) throws(Damaged) {
        guard !list.positions.isEmpty else { return }
        var decoder = PostingCursor(list, documents: block, frequencies: block + LexicalFormat.blockPostings)
        var positions = PositionCursor(list.positions, gaps: block + 2 * LexicalFormat.blockPostings)
        while decoder.nextBlock() {
            if decoder.loadedBlock > 0, !positions.isAtStart(ofPostingBlock: decoder.loadedBlock) {
                throw Damaged("term \(term), block \(decoder.loadedBlock): its positions begin elsewhere")
            }
            for i in 0..<decoder.loaded {
                positions.read(block: decoder.loadedBlock, index: i, frequencies: decoder.frequencies, into: &buffer)
                guard !positions.isDamaged, buffer.count == Int(decoder.frequencies[i]) else {
                    throw Damaged("term \(term), document \(decoder.documents[i]): positions do not decode")
                }
                for i in 1..<max(buffer.count, 1) where buffer[i - 1] > buffer[i] { throw Damaged("term \(term): positions fall") }
            }
        }
        guard positions.isAtStart(ofPostingBlock: nil) else { throw Damaged("term \(term): positions left over") }
    }

    /// The blocks lie back to back.
    private func validateLayout(_ list: PostingList, term: Int) throws(Damaged) {
        var end = 0
        for block in 0..<list.fullBlocks {
            let layout = list.layout(ofBlock: block)
            guard layout.offset == end else { throw Damaged("term \(term), block \(block): at byte \(layout.offset), expected \(end)") }
            end += 16 * Int(layout.gapBits + layout.frequencyBits)
        }
        if list.fullBlocks > 0, list.fullBlocks * LexicalFormat.blockPostings == list.count, end != list.dataBytes {
            throw Damaged("term \(term): \(list.dataBytes) bytes of blocks, expected \(end)")
        }
    }
}
