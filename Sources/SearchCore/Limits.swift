/// Hard edges of what the engine takes. Everything beyond is refused with an error that names the limit.
public enum Limits {
    /// Bytes of an external document id; long enough for URLs, short enough for a key.
    public static let documentIDBytesMax = 512
    /// Bytes of one document, encoded: beyond this it is an attachment, not a document.
    public static let documentBytesMax = 4 << 20
    /// Bytes of a term's text; longer words are cut there (an index of base64 blobs serves nobody).
    public static let termBytesMax = 255
    /// Text, attribute and vector fields of a schema.
    public static let fieldsMax = 64
    /// Values of one multi-valued attribute of one document.
    public static let valuesPerFieldMax = 1024
    /// Bytes of one keyword value.
    public static let keywordBytesMax = 4096
    /// Dimensions of a vector.
    public static let dimensionsMax = 4096
    /// Vectors of one document in one vector field.
    public static let vectorsPerFieldMax = 1024
    /// Stored documents that a search names as examples.
    public static let examplesMax = 256
    /// Bytes of a query text.
    public static let queryBytesMax = 64 << 10
    /// Term groups kept of a query, the first ones.
    public static let queryGroupsMax = 1024
    /// Hits of a page, depth of a pool.
    public static let depthMax = 10_000
    /// Nodes of a filter in postfix form.
    public static let filterNodesMax = 1024
    /// Bytes of a collection's name.
    public static let collectionNameBytesMax = 128
}
