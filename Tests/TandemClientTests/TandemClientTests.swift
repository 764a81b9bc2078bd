import SearchCore
import TandemClient
import TandemServer
import Testing

@Suite("TandemClient", .timeLimit(.minutes(1)))
struct TandemClientTests {
    private func client(_ server: WireServer, _ configure: (inout ClientConfiguration) -> Void = { _ in }) -> TandemClient {
        var configuration = ClientConfiguration()
        configure(&configuration)
        return TandemClient(server.endpoint, configuration: configuration)
    }

    @Test("a search goes to the server and its hits come back")
    func search() async throws {
        try await withServer { server, _ in
            let client = client(server)
            let response = try await client.search(SearchRequest(collection: "c", text: "hello"))
            #expect(response.hits.map(\.id) == ["hello"])
            #expect(response.hits[0].lexical == 0, "a score of zero is there, and not absent")
            #expect(response.hits[0].semantic == nil)
            await client.shutDown()
        }
    }
}
