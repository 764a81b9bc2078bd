import HybridSearch
import SearchCore
import WireProtocol

extension ServiceRouter {
    private static let getIdsMax = 10_000
    /// Documents of one answer, roughly counted; more would not fit into the message that a client takes.
    private static let getBytesMax = 48 << 20

    /// Reads from the log, so every acknowledged write is seen.
    func get(_ call: ServerCall) throws {
        let message = try call.decodeRequest(GetRequest.self)
        let collection = try collection(message.collection)
        guard message.ids.count <= Self.getIdsMax else {
            throw Mapping.refuse("ids", "\(message.ids.count) ids, at most \(Self.getIdsMax) are taken")
        }
        let names = try message.fields.map { try known($0.names, in: collection.schema) }
        var response = GetResponse()
        var bytes = 0
        for start in stride(from: 0, to: message.ids.count, by: 64) {
            try call.control.checkpoint()
            let ids = Array(message.ids[start..<min(start + 64, message.ids.count)])
            for (id, found) in zip(ids, try collection.get(ids)) {
                guard case (var document, let version)? = found else {
                    response.missing.append(id)
                    continue
                }
                document.select(names)
                bytes += document.approximateBytes
                guard bytes <= Self.getBytesMax else {
                    throw TandemError(
                        .resourceExhausted,
                        "the first \(response.documents.count) documents fill an answer of \(Self.getBytesMax) bytes; ask for fewer at a time")
                }
                response.documents.append(StoredDocument(document: WireProtocol.Document(document), version: version.rawValue))
            }
        }
        call.respond(response)
    }

    private func known(_ names: [String], in schema: HybridSearch.CollectionSchema) throws -> Set<String> {
        let known = schema.textFields.map(\.name) + schema.attributes.map(\.name) + schema.vectorFields.map(\.name)
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw Mapping.refuse("fields", "stored field '\(unknown.prefix(64))' is not in the schema; it has \(known.sorted().joined(separator: ", "))")
        }
        return Set(names)
    }

    func delete(_ call: ServerCall) throws {
        let message = try call.decodeRequest(DeleteRequest.self)
        let collection = try collection(message.collection)
        let level = try HybridSearch.Acknowledgement(message.acknowledgement)
        let write = PendingWrite(batch: try WriteBatch(message), level: level, collection: collection, call: call, router: self)
        write.submit(onAccepted: {}) { result in
            switch result {
            case .success(let outcome): call.respond(DeleteResponse(outcome, level))
            case .failure(let status): call.finish(status)
            }
        }
    }
}
