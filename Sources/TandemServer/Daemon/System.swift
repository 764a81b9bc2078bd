import Glibc
import NIOCore

enum System {
    /// What the affinity mask leaves of the processors; a container's quota shows there when it is set by cpusets.
    static let availableCores = max(1, NIOCore.System.coreCount)
}
