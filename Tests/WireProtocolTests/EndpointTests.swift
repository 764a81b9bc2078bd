import Testing
import WireProtocol

@Suite("Endpoint")
struct EndpointTests {
    @Test(
        "addresses are read as people write them",
        arguments: [
            ("127.0.0.1:7700", "127.0.0.1", 7700), ("localhost", "localhost", 7700), ("[::1]:80", "::1", 80), ("[::1]", "::1", 7700),
            ("::1", "::1", 7700), ("example.org:0", "example.org", 0),
        ])
    func parse(text: String, host: String, port: Int) {
        #expect(Endpoint(text) == Endpoint(host: host, port: port))
    }

    @Test("what is no address is refused", arguments: ["", ":7700", "a:", "a:b", "a:70000", "a:-1", "a:+1", "[::1", "[::1]x", "[]:1"])
    func refuse(text: String) { #expect(Endpoint(text) == nil) }

    @Test(
        "loopback is told from the rest",
        arguments: [
            ("127.0.0.1", true), ("127.3.2.1", true), ("localhost", true), ("::1", true), ("0.0.0.0", false), ("::", false),
            ("127.0.0.1.example.org", false), ("127.evil.0.1", false), ("10.0.0.1", false), ("127.1", false),
        ])
    func loopback(host: String, isLoopback: Bool) { #expect(Endpoint(host: host).isLoopback == isLoopback) }
}
