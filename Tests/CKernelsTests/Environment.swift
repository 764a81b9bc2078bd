import Glibc

/// An unsigned number from the environment, for seeds.
func getenvUInt(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
