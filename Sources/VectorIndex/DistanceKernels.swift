import CKernels

/// Which set of distance kernels this processor runs; for reports, since the answers are the same with each.
public enum DistanceKernels {
    /// `avx512vnni`, `avx2` or `baseline`.
    public static var instructionSet: String {
        switch tandem_kernels_level() {
        case Int32(TANDEM_LEVEL_AVX512): "avx512vnni"
        case Int32(TANDEM_LEVEL_AVX2): "avx2"
        default: "baseline"
        }
    }
}
