public import ArgumentParser
import Foundation
import TandemClient

/// Where the daemon is and how long to wait for it. They may stand before or behind the command's name.
public struct ConnectionOptions: ParsableArguments, Sendable {
    public static let addressDefault = "127.0.0.1:7700"

    @Option(
        name: .customLong("connect"),
        help: ArgumentHelp("The daemon's address. (default: $TANDEM_ADDRESS, else \(Self.addressDefault))", valueName: "host:port"))
    public var givenAddress: String?

    @Option(help: ArgumentHelp("Seconds to wait for an answer. (default: 30; 600 in 'eval', a day in 'backup' and 'check')", valueName: "seconds"))
    public var timeout: Double?

    public init() {}

    public var address: String {
        if let givenAddress { return givenAddress }
        if let text = ProcessInfo.processInfo.environment["TANDEM_ADDRESS"], !text.isEmpty { return text }
        return Self.addressDefault
    }

    public func validate() throws {
        guard let endpoint = Endpoint(address), endpoint.port > 0 else {
            let origin = givenAddress == nil ? "TANDEM_ADDRESS" : "--connect"
            throw ValidationError("\(origin) '\(address)' is not HOST:PORT, for example 127.0.0.1:7700 or [::1]:7700")
        }
        if let timeout, !(timeout > 0 && timeout <= 1e6) { throw ValidationError("--timeout \(timeout): expected seconds, above 0") }
    }

    /// Nil: none was asked for.
    var timeoutDuration: Duration? { timeout.map { .microseconds(Int64($0 * 1e6)) } }

    /// A client for `body`, closed afterwards.
    func withClient<T: Sendable>(timeout standard: Duration = .seconds(30), _ body: (TandemClient) async throws -> T) async throws -> T {
        var configuration = ClientConfiguration()
        configuration.timeout = timeoutDuration ?? standard
        configuration.connection.agent = "tandem/\(ToolVersion.number)"
        let client = try TandemClient(address, configuration: configuration)
        do {
            let result = try await body(client)
            await client.shutDown()
            return result
        } catch {
            await client.shutDown()
            throw error
        }
    }
}

/// A command that talks to the daemon.
protocol DaemonCommand {
    var connection: ConnectionOptions { get }
    /// It changes something, so that it matters whether a call whose answer was lost has run.
    var isChange: Bool { get }
}

extension DaemonCommand {
    var isChange: Bool { false }
}
