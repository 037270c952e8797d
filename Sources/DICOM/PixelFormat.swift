// How samples lie in Pixel Data (PS3.3 C.7.6.3, PS3.5 8.1.1).

internal import DICOMVocabulary

/// The attributes of the Image Pixel and Multi-frame modules that find a sample. Rows and columns beyond what memory can
/// hold are the business of whoever allocates.
package struct PixelFormat: Sendable, Hashable {
    package var rows: Int
    package var columns: Int
    package var samples: Int
    package var allocated: Int
    package var stored: Int
    package var highBit: Int
    package var isSigned: Bool
    /// Planar Configuration (0028,0006) is 1: one colour after the other.
    package var isPlanar: Bool
    package var photometric: String
    package var frames: Int

    /// From a data set's root; nil without rows, columns and bits, or where they contradict each other.
    package init?(_ root: DataSetItem) {
        func number(_ element: UInt16) -> Int? {
            guard let value = root[Tag(0x0028, element)]?.paddedValue, value.count >= 2 else { return nil }
            return Int(value[0]) | Int(value[1]) << 8
        }
        func text(_ element: UInt16) -> String {
            root[Tag(0x0028, element)].map { String(decoding: $0.value, as: UTF8.self) } ?? ""
        }
        guard let rows = number(0x0010), let columns = number(0x0011), let allocated = number(0x0100) else {
            return nil
        }
        self.rows = rows
        self.columns = columns
        self.allocated = allocated
        samples = number(0x0002) ?? 1
        stored = number(0x0101) ?? allocated
        highBit = number(0x0102) ?? stored - 1
        isSigned = number(0x0103) == 1
        isPlanar = number(0x0006) == 1 && samples > 1
        photometric = text(0x0004)
        frames = max(1, Int(text(0x0008).filter { $0 != " " }) ?? 1)
        guard rows > 0, columns > 0, (1...4).contains(samples), stored > 0, stored <= allocated,
            highBit < allocated, highBit + 1 >= stored
        else { return nil }
    }

    /// Chroma of two neighbours is shared: Y Y Cb Cr (PS3.3 C.7.6.3.1.2).
    package var isSubsampled: Bool { photometric == "YBR_FULL_422" && samples == 3 && allocated == 8 && !isPlanar }

    /// Bytes of one native frame; nil where samples are not whole bytes.
    package var frameBytes: Int? {
        guard allocated == 8 || allocated == 16 || allocated == 32 else { return nil }
        return rows * columns * (isSubsampled ? 2 : samples) * (allocated / 8)
    }

    /// Some bits of a sample hold no part of it.
    package var hasUnusedBits: Bool { stored < allocated }
}
