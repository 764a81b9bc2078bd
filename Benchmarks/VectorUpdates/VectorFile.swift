import ArgumentParser
import Foundation

/// Rows of a .npy file of float32 in C order, mapped: only what is asked for is read.
struct VectorFile: Sendable {
    let rows: Int
    let dimension: Int
    private let data: Data
    private let start: Int

    /// - Throws: `ValidationError` for a file of another kind.
    init(_ path: String) throws {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else { throw ValidationError("\(path): cannot be read") }
        // NumPy's format 1 or 2: magic, version, header length, then a Python dictionary as text.
        guard data.count > 12, data.starts(with: [0x93] + Array("NUMPY".utf8)) else { throw ValidationError("\(path): is no .npy file") }
        func number(_ bytes: Range<Int>) -> Int { data[bytes].reversed().reduce(0) { $0 << 8 | Int($1) } }
        let start = data[6] == 1 ? 10 + number(8..<10) : 12 + number(8..<12)
        guard start <= data.count else { throw ValidationError("\(path): its header exceeds the file") }
        let header = String(decoding: data[..<start], as: UTF8.self)
        let shape = header.split(separator: "(").last?.split(separator: ")").first?.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) } ?? []
        guard header.contains("'<f4'"), header.contains("'fortran_order': False"), shape.count == 2, shape[1] > 0,
            data.count - start >= shape[0] * shape[1] * 4
        else { throw ValidationError("\(path): expected a C-ordered array of little-endian float32 of two dimensions") }
        (rows, dimension) = (shape[0], shape[1])
        (self.data, self.start) = (data, start)
    }

    subscript(row: Int) -> [Float] {
        let (from, length) = (start + row * dimension * 4, dimension * 4)
        return [Float](unsafeUninitializedCapacity: dimension) { buffer, count in
            data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer), from: from..<(from + length))
            count = dimension
        }
    }
}

/// In double precision, whatever the lengths of `a` and `b`.
func cosine(_ a: [Float], _ b: [Float]) -> Double {
    var (dot, aa, bb) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
        dot += Double(x) * Double(y)
        aa += Double(x) * Double(x)
        bb += Double(y) * Double(y)
    }
    return dot / max((aa * bb).squareRoot(), .leastNormalMagnitude)
}
