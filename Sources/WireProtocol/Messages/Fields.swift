internal import CProtobufC

/// Field by field from protobuf-c's structs to Swift values. Lists that protobuf-c leaves out are nil with a count of 0.
enum Fields {
    static func text(_ data: ProtobufCBinaryData, _ field: StaticString) throws(MessageError) -> String {
        guard data.len > 0 else { return "" }
        // By way of a span: `String(validating:as:)` is generic and looks its types up at every call, 40 ns a text.
        guard let valid = try? UTF8Span(validating: UnsafeBufferPointer(start: data.data, count: data.len).span) else {
            throw MessageError(path: "\(field)", problem: "is not UTF-8")
        }
        return String(copying: valid)
    }

    static func texts(
        _ list: UnsafeMutablePointer<ProtobufCBinaryData>?, _ count: Int, _ field: StaticString
    ) throws(MessageError) -> [String] {
        guard let list else { return [] }
        var result: [String] = []
        result.reserveCapacity(count)
        for index in 0..<count {
            do throws(MessageError) {
                result.append(try text(list[index], ""))
            } catch {
                throw MessageError(path: "\(field)[\(index)]", problem: error.problem)
            }
        }
        return result
    }

    static func bytes(_ data: ProtobufCBinaryData) -> [UInt8] {
        [UInt8](UnsafeBufferPointer(start: data.data, count: data.len))
    }

    static func floats(_ data: ProtobufCBinaryData, _ field: StaticString) throws(MessageError) -> [Float] {
        guard data.len % 4 == 0 else {
            throw MessageError(path: "\(field)", problem: "has \(data.len) bytes; binary32 values take a multiple of 4")
        }
        let count = data.len / 4
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if count > 0 { UnsafeMutableRawPointer(buffer.baseAddress!).copyMemory(from: data.data, byteCount: data.len) }
            initialized = count
        }
    }

    static func scalars<T: BitwiseCopyable>(_ list: UnsafeMutablePointer<T>?, _ count: Int) -> [T] {
        [T](UnsafeBufferPointer(start: list, count: list == nil ? 0 : count))
    }

    static func bools(_ list: UnsafeMutablePointer<protobuf_c_boolean>?, _ count: Int) -> [Bool] {
        UnsafeBufferPointer(start: list, count: list == nil ? 0 : count).map { $0 != 0 }
    }

    static func message<M: MappedMessage>(
        _ c: UnsafeMutablePointer<M.C>?, _ field: StaticString
    ) throws(MessageError) -> M? {
        guard let c else { return nil }
        do throws(MessageError) { return try M(UnsafePointer(c)) } catch { throw error.inside(field) }
    }

    static func messages<M: MappedMessage>(
        _ list: UnsafeMutablePointer<UnsafeMutablePointer<M.C>?>?, _ count: Int, _ field: StaticString
    ) throws(MessageError) -> [M] {
        guard let list else { return [] }
        var result: [M] = []
        result.reserveCapacity(count)
        for index in 0..<count {
            // protobuf-c never leaves a hole in a repeated field.
            guard let c = list[index] else { continue }
            do throws(MessageError) { result.append(try M(UnsafePointer(c))) } catch { throw error.inside(field, index: index) }
        }
        return result
    }
}
