// The second opinion on pixels: is there writing in what would leave?

import DICOM
import DICOMVocabulary
import Deidentification
import WorkerProtocol

/// Looks at some frames as they would leave. It can hold an instance; that it finds nothing clears none.
struct TextInPixels {
    let policy: OutwardPolicy
    let identityGuard: IdentityGuard
    /// A person has looked at the pixels: only what the guard looks for still holds them.
    let isReleased: Bool
    var program = TextRecogniser.standardProgram

    /// Of words that are no longer than this, the program invents too many.
    private static let shortestWord = 4
    private static let sure = 70.0

    func check(_ frames: PixelFrames, _ cleaning: PixelCleaning) throws(Failure) {
        guard policy.recognition != .off else { return }
        let recogniser = TextRecogniser(deadline: policy.recognitionDeadline, program: program)
        for index in Self.chosen(policy.recognisedFrames, of: frames.count) {
            var (samples, format) = try frames.native(index)
            try cleaning.clean(&samples, format, isBigEndian: frames.syntax.isBigEndian)
            guard let picture = GreyPicture.pgm(samples, format, isBigEndian: frames.syntax.isBigEndian) else {
                guard isReleased else { throw PixelFrames.unreadable("no picture can be made of frame \(index + 1)") }
                continue
            }
            let words: [TextRecogniser.Word]
            do throws(Failure) {
                words = try recogniser.run(picture)
            } catch {
                guard isReleased, error.code == .pixelsMayIdentify else { throw error }
                continue
            }
            if let failure = judge(words, frame: index) { throw failure }
        }
    }

    /// The words themselves are never told.
    private func judge(_ words: [TextRecogniser.Word], frame: Int) -> Failure? {
        let kinds = identityGuard.search(recognised: words.map(\.text))
        if !kinds.isEmpty {
            let names = kinds.map(\.rawValue).sorted().joined(separator: ", ")
            return Failure(
                .identityFound, .person, .instance,
                detail: "\(names) in the pixels of frame \(frame + 1), by recognition",
                hint: "Look at the pixels; have the device's writing blanked by a [[pixel_template]].")
        }
        guard policy.recognition == .text, !isReleased else { return nil }
        let legible = words.count { word in
            word.confidence >= Self.sure && word.text.count { $0.isLetter || $0.isNumber } >= Self.shortestWord
        }
        guard legible > 0 else { return nil }
        return Failure(
            .pixelsMayIdentify, .person, .instance,
            detail: "\(legible) legible words in the pixels of frame \(frame + 1)",
            hint: "Look at the pixels; release them if they show no name.")
    }

    /// Spread evenly, the first and the last among them.
    static func chosen(_ wanted: Int, of count: Int) -> [Int] {
        guard wanted < count else { return Array(0..<count) }
        guard wanted > 1 else { return [0] }
        return (0..<wanted).map { $0 * (count - 1) / (wanted - 1) }
    }
}

/// A frame as a grey picture that a program can read (netpbm PGM).
enum GreyPicture {
    /// Small pictures are enlarged to this: letters of ten pixels are too small for the program.
    private static let wantedSide = 1600

    /// nil for samples of other than 8 or 16 bits. Darkest to brightest sample become black to white.
    static func pgm(_ frame: [UInt8], _ format: PixelFormat, isBigEndian: Bool) -> [UInt8]? {
        guard format.allocated == 8 || format.allocated == 16, let length = format.frameBytes, frame.count >= length
        else { return nil }
        let values = (0..<format.rows * format.columns).map { sample(frame, format, $0, isBigEndian) }
        guard let low = values.min(), let high = values.max() else { return nil }
        let range = max(1, high - low)
        let invert = format.photometric == "MONOCHROME1"
        let grey = values.map { value -> UInt8 in
            let scaled = UInt8((value - low) * 255 / range)
            return invert ? 255 - scaled : scaled
        }
        let factor = max(1, min(4, wantedSide / max(format.rows, format.columns)))
        let (width, height) = (format.columns * factor, format.rows * factor)
        var picture = Array("P5\n\(width) \(height)\n255\n".utf8)
        picture.reserveCapacity(picture.count + width * height)
        for y in 0..<height {
            let row = y / factor * format.columns
            for x in 0..<format.columns {
                for _ in 0..<factor { picture.append(grey[row + x]) }
            }
        }
        return picture
    }

    /// Brightness of one pixel: green stands for red, green and blue, Y for YBR.
    private static func sample(_ frame: [UInt8], _ format: PixelFormat, _ pixel: Int, _ isBigEndian: Bool) -> Int {
        if format.isSubsampled { return Int(frame[pixel / 2 * 4 + pixel % 2]) }
        let channel = format.samples >= 3 && !format.photometric.hasPrefix("YBR") ? 1 : 0
        let index =
            format.isPlanar
            ? channel * format.rows * format.columns + pixel : pixel * format.samples + channel
        guard format.allocated == 16 else { return Int(frame[index]) }
        let (first, second) = (Int(frame[index * 2]), Int(frame[index * 2 + 1]))
        let raw = isBigEndian ? first << 8 | second : second << 8 | first
        let value = raw >> (format.highBit + 1 - format.stored) & (1 << format.stored) - 1
        return format.isSigned && value >> (format.stored - 1) == 1 ? value - 1 << format.stored : value
    }
}
