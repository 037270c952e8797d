// Blanking and clearing of samples in one native frame.

package import DICOM
package import WorkerProtocol

/// Edits one native frame in place. Pure.
package enum FrameCleaning {
    /// Sets the regions to black. `regions` lie inside the image. False where the samples are not whole bytes.
    package static func blank(
        _ frame: inout [UInt8], _ regions: [PixelRegion], _ format: PixelFormat, isBigEndian: Bool = false
    ) -> Bool {
        guard let length = format.frameBytes, frame.count >= length else { return false }
        if format.isSubsampled {
            for region in regions { blankPairs(&frame, region, format) }
            return true
        }
        let size = format.allocated / 8
        let pixel = (0..<format.samples).map { sample in
            bytes(of: black(format, sample), size, isBigEndian)
        }
        for region in regions {
            if format.isPlanar {
                for sample in 0..<format.samples {
                    let plane = sample * format.rows * format.columns * size
                    fill(&frame, region, format, at: plane, pixel[sample])
                }
            } else {
                fill(&frame, region, format, at: 0, pixel.flatMap { $0 })
            }
        }
        return true
    }

    private static func fill(
        _ frame: inout [UInt8], _ region: PixelRegion, _ format: PixelFormat, at start: Int, _ pixel: [UInt8]
    ) {
        for row in region.y..<region.y + region.height {
            var offset = start + (row * format.columns + region.x) * pixel.count
            for _ in 0..<region.width {
                for byte in pixel {
                    frame[offset] = byte
                    offset += 1
                }
            }
        }
    }

    /// Y Y Cb Cr: a region grows to whole pairs.
    private static func blankPairs(_ frame: inout [UInt8], _ region: PixelRegion, _ format: PixelFormat) {
        let black: [UInt8] = [0, 0, 128, 128]
        for row in region.y..<region.y + region.height {
            let first = (row * format.columns + region.x) / 2
            let last = (row * format.columns + region.x + region.width - 1) / 2
            for pair in first...last where pair * 4 + 4 <= frame.count {
                for index in 0..<4 { frame[pair * 4 + index] = black[index] }
            }
        }
    }

    /// The stored value that is shown as black; 0 where the palette or the rescaling decides.
    private static func black(_ format: PixelFormat, _ sample: Int) -> UInt32 {
        let shift = format.highBit + 1 - format.stored
        if format.photometric == "MONOCHROME1" {
            let bits = format.isSigned ? format.stored - 1 : format.stored
            return (UInt32(truncatingIfNeeded: (UInt64(1) << UInt64(bits)) - 1)) << UInt32(shift)
        }
        guard format.photometric.hasPrefix("YBR"), sample > 0 else { return 0 }
        return (UInt32(1) << UInt32(format.stored - 1)) << UInt32(shift)
    }

    private static func bytes(of value: UInt32, _ size: Int, _ isBigEndian: Bool) -> [UInt8] {
        let little = (0..<size).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
        return isBigEndian ? little.reversed() : little
    }

    // MARK: Bits that belong to no sample

    /// Whether a bit outside of Bits Stored says something of its own. In signed samples the bits above may repeat the
    /// sign, as many writers have them.
    package static func hasStrayBits(
        _ samples: UnsafeRawBufferPointer, _ format: PixelFormat, isBigEndian: Bool = false
    ) -> Bool {
        guard format.hasUnusedBits, format.allocated == 8 || format.allocated == 16 else { return false }
        let mask = Mask(format)
        guard mask.touches(samples, isWide: format.allocated == 16, isBigEndian: isBigEndian) else { return false }
        guard format.isSigned else { return true }
        if format.allocated == 8 { return samples.contains { mask.isStray(UInt16($0)) } }
        return mask.isStray(samples, isBigEndian: isBigEndian)
    }

    /// Clears those bits: zero, or the sign where samples are signed. With `forced` also where they may be a sign: an
    /// overlay was declared there.
    package static func clearStrayBits(
        _ frame: inout [UInt8], _ format: PixelFormat, forced: Bool, isBigEndian: Bool = false
    ) {
        guard format.hasUnusedBits, format.allocated == 8 || format.allocated == 16 else { return }
        let mask = Mask(format)
        frame.withUnsafeMutableBytes { buffer in
            if format.allocated == 8 {
                for index in buffer.indices where forced || mask.isStray(UInt16(buffer[index])) {
                    buffer[index] = UInt8(truncatingIfNeeded: mask.cleared(UInt16(buffer[index])))
                }
                return
            }
            for index in 0..<buffer.count / 2 {
                let raw = buffer.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                let value = isBigEndian ? raw.byteSwapped : raw
                guard forced || mask.isStray(value) else { continue }
                let cleared = mask.cleared(value)
                buffer.storeBytes(
                    of: isBigEndian ? cleared.byteSwapped : cleared, toByteOffset: index * 2, as: UInt16.self)
            }
        }
    }

    private struct Mask {
        /// The bits of the sample.
        let unsigned: UInt16
        let above: UInt16
        let sign: UInt16
        let isSigned: Bool

        init(_ format: PixelFormat) {
            let width = UInt32(format.allocated)
            let all = (UInt32(1) << width) - 1
            let upTo = (UInt32(1) << UInt32(format.highBit + 1)) - 1
            let below = (UInt32(1) << UInt32(format.highBit + 1 - format.stored)) - 1
            unsigned = UInt16(truncatingIfNeeded: upTo & ~below)
            above = UInt16(truncatingIfNeeded: all & ~upTo)
            sign = UInt16(truncatingIfNeeded: UInt32(1) << UInt32(format.highBit))
            isSigned = format.isSigned
        }

        func isStray(_ value: UInt16) -> Bool {
            let stray = value & ~unsigned
            guard stray != 0 else { return false }
            return !(isSigned && value & sign != 0 && stray == above)
        }

        /// Whether any bit outside of the sample is set: eight bytes at a time, since every sample that leaves comes by.
        func touches(_ samples: UnsafeRawBufferPointer, isWide: Bool, isBigEndian: Bool) -> Bool {
            let outside = isBigEndian && isWide ? (~unsigned).byteSwapped : ~unsigned
            let lanes =
                isWide ? UInt64(outside) &* 0x0001_0001_0001_0001 : UInt64(outside & 0xFF) &* 0x0101_0101_0101_0101
            var any: UInt64 = 0
            let whole = samples.count & ~7
            var offset = 0
            while offset < whole {
                any |= samples.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                offset &+= 8
            }
            while offset < samples.count {
                any |= UInt64(samples[offset]) << UInt64(8 * (offset & 7))
                offset &+= 1
            }
            // In memory a lane begins with its first byte, in a number it ends with it.
            return any & UInt64(littleEndian: lanes) != 0
        }

        func isStray(_ samples: UnsafeRawBufferPointer, isBigEndian: Bool) -> Bool {
            var found: UInt16 = 0
            for offset in stride(from: 0, to: samples.count & ~1, by: 2) {
                let raw = samples.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
                let value = isBigEndian ? raw.byteSwapped : raw
                let stray = value & ~unsigned
                let extended = value & sign != 0 ? stray ^ above : stray
                found |= stray == 0 ? 0 : extended
            }
            return found != 0
        }

        func cleared(_ value: UInt16) -> UInt16 {
            isSigned && value & sign != 0 ? value & unsigned | above : value & unsigned
        }
    }
}
