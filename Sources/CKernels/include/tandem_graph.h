// What the graph over vectors needs: estimates of a node's 32 neighbours at once from their 1-bit codes, the rotation that
// makes such codes good ones, and dot products of int8 rows with each other for building.
//
// Every function gives the same bits at every level of instruction set: integer sums are exact, and floats are multiplied
// and added one after the other, never fused.
#ifndef TANDEM_GRAPH_H
#define TANDEM_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Neighbours of a node, whose codes lie together.
#define TANDEM_NEIGHBOURS 32
// Components are padded with zeros to a multiple of this before they are rotated.
#define TANDEM_ROTATION_ALIGNMENT 64

// MARK: Rotation

// Rounds of a rotation.
#define TANDEM_ROTATION_ROUNDS 3

// Rotates x[0 ..< n] to out, which must be another array; n is a multiple of TANDEM_ROTATION_ALIGNMENT. Each round takes the
// components in another order and with other signs, and then applies a Walsh-Hadamard transform across blocks of 16, of the
// largest power of two of blocks that fits, to the front and the back in turn. Blocks are registers, so that no
// component changes its lane except by the order of the next round. Lengths and angles stay what they were, up to rounding.
// order: [rounds * n], in each round a permutation of 0 ..< n; signs: [rounds * n] of +1 and -1.
// Complexity: O(n log n). Source: "Kac's walk" of randomised Hadamard transforms, as in RaBitQ's library; deviation: random
// orders in place of the transform's stages within a register.
void tandem_rotate(const uint16_t *order, const float *signs, size_t n, const float *x, float *out);

// MARK: Estimates

// Layout of a node's codes ("FastScan", Andre, Kermarrec, Le Scouarnec, "Cache locality is not enough", VLDB 2015):
// components in groups of four, a nibble each; groups 2p and 2p + 1 of neighbour i are the low and high nibble of byte
// 32 * p + i. A node has 4 * n bytes of codes. Bit j of group g is set if component 4 * g + j is not negative.

// Bytes of the tables of a query of n components: what 64 bytes of codes by groups look up, and what those by rows do.
#define TANDEM_SIGN_TABLE_BYTES(n) (12 * (n))
#define TANDEM_SIGN_PACKED_OFFSET(n) (8 * (n))

// The largest entry of a table: four of them add up in a byte, and those of 4096 components in 16 bits. What that loses is a
// four-hundredth of the variance of the estimates, which the signs alone make.
#define TANDEM_SIGN_ENTRY_MAX 63

// A rotated query, for dot products with vectors of signs: for each group of four components the 16 possible sums, in 6
// bits. dot(query, signs) = base + step * (sum of table entries), off by at most n / 8 * step.
typedef struct {
    const uint8_t *tables;  // [n / 16][low, high nibble][64], then [n / 4 groups][16]
    size_t n;               // a multiple of TANDEM_ROTATION_ALIGNMENT, at most 4096
    float base;
    float step;
} tandem_sign_query;

// Fills `tables`, base and step from query[0 ..< n].
void tandem_sign_query_fill(const float *query, size_t n, uint8_t *tables, float *base, float *step);

// sums[i] = sum of the table entries that neighbour i's codes look up. Exact.
void tandem_neighbour_sums(const tandem_sign_query *query, const uint8_t *codes, uint32_t *sums);

// Estimates of all neighbours' similarities, and a bit for each one that is above `bar`:
//   estimates[i] = offsets[i] * offset_unit + slopes[i] * (base * slope_unit + step * slope_unit * sums[i])
uint32_t tandem_neighbours_above(const tandem_sign_query *query, const uint8_t *codes, const int16_t *slopes,
                                 const int16_t *offsets, float slope_unit, float offset_unit, float bar, float *estimates);

// Layout of 32 rows' codes by rows, of as many bytes, which the permutation of bytes of AVX-512 VBMI and the dot products of VNNI
// estimate in two thirds of the time: for each 32 components 4 bytes of each row, of which byte j has group j of the eight in its low
// nibble and group 4 + j in its high one.

// Whether blocks that are scanned should have it at this level of instructions.
int tandem_signs_go_by_rows(void);

// codes: 4 * n bytes by groups; by_rows: as many, written. n is a multiple of TANDEM_ROTATION_ALIGNMENT.
void tandem_signs_arrange(const uint8_t *codes, size_t n, uint8_t *by_rows);

// tandem_neighbours_above over codes by rows, without offsets: the same estimates, bit for bit. At every level; fast where
// tandem_signs_go_by_rows.
uint32_t tandem_signs_above(const tandem_sign_query *query, const uint8_t *codes, const int16_t *slopes, float slope_unit,
                            float bar, float *estimates);

// Rows' codes for scans, 32 rows a block: 4 * n bytes of codes, [32] slopes, and what is left of a cache line.
typedef struct {
    const uint8_t *blocks;
    size_t block_bytes;
    const float *slope_units;  // [blocks]
    int by_rows;               // else by groups
} tandem_sign_blocks;

// The rows in first ..< end whose estimate is above bar - margin * their block's slope unit, ascending. - Returns: how many.
// ordinals: room for end - first + 16; written. At every level; by rows it is fast where tandem_signs_go_by_rows.
size_t tandem_signs_pick(const tandem_sign_query *query, const tandem_sign_blocks *rows, size_t first, size_t end, float bar, float margin, uint32_t *ordinals);

// Codes one neighbour relative to a node. Both are rows of n int8 codes with a scale (rotated). With
// f = <neighbour, node> / <node, node> and r = neighbour - f * node: bits of r's signs go to place `slot` of `codes` (which
// were zero), and
//   <query, neighbour>  ~  offset * <query, node>  +  slope * <query, signs of r>
void tandem_encode_neighbour(const int8_t *node, float node_scale, const int8_t *neighbour, float neighbour_scale, size_t n,
                             size_t slot, uint8_t *codes, float *slope, float *offset);

// MARK: 4-bit codes

// A row of n components in n / 2 bytes: of each 64 components the first 32 are the low nibbles of 32 bytes, the others the
// high ones. A nibble c stands for 2 * c - 15 half steps, -15 ... 15.
//
// Bytes that the kernels read of a row's code: n / 2 in whole cache lines, those behind it zeros.
#define TANDEM_CODE4_BYTES(n) (((n) / 2 + 63) & ~(size_t)63)

// A rotated query in 8 bits, for dot products with 4-bit codes: <query, 2c - 15> ~ scale * (2 * sum(codes * c) - offset).
typedef struct {
    const int8_t *codes;  // [bytes / 64][low, high nibble][64]
    size_t bytes;         // TANDEM_CODE4_BYTES(n), n at most 4096
    int32_t offset;       // 15 * sum of codes
    float scale;
} tandem_query_4bit;

// Fills codes[0 ..< 2 * TANDEM_CODE4_BYTES(n)], offset and scale from query[0 ..< n], n a multiple of
// TANDEM_ROTATION_ALIGNMENT.
void tandem_query_4bit_fill(const float *query, size_t n, int8_t *codes, int32_t *offset, float *scale);

// Codes a rotated row, given in int8 codes with a scale: steps of 0.335 deviations, which is what a Gaussian component loses
// least by (Max, "Quantizing for minimum distortion", 1960). With v the row,
//   <query, v>  ~  slope * <query, 2c - 15>
// code: [n / 2]; written.
void tandem_encode_4bit(const int8_t *row, float row_scale, size_t n, uint8_t *code, float *slope);

// estimates[i] = slopes[i] * (scale * (2 * sum(query codes * c) - offset)), of the code at codes + ordinals[i] * stride.
// The sum is exact; it asks for memory ahead.
void tandem_estimate_4bit_at(const tandem_query_4bit *query, const uint8_t *codes, size_t stride, const uint32_t *ordinals,
                             const float *slopes, size_t count, float *estimates);

// MARK: Building

// dots[i] = dot product of `row` and the row numbered ordinals[i], `stride` bytes each. Codes are -127 ... 127. Exact.
void tandem_dot_i8_at(const int8_t *row, const int8_t *rows, size_t stride, const uint32_t *ordinals, size_t count,
                      int32_t *dots);

#ifdef __cplusplus
}
#endif
#endif
