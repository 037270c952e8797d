// One frame at a time through DCMTK's codecs, in a data set that holds nothing else.
//
// Not for JPEG-LS: DCMTK's copy of CharLS and CharLS 2, which lossless.cc is linked with, have functions of the same names and
// other parameters, and the loader gives DCMTK the wrong ones.
#include "status.h"

#include <cstring>
#include <memory>
#include <mutex>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "dcmtk/dcmdata/dccodec.h"
#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcpxitem.h"
#include "dcmtk/dcmdata/dcrledrg.h"
#include "dcmtk/dcmdata/dcrleerg.h"
#include "dcmtk/dcmdata/dcrlerp.h"
#include "dcmtk/dcmjpeg/djdecode.h"
#include "dcmtk/dcmjpeg/djencode.h"
#include "dcmtk/dcmjpeg/djrplol.h"
#pragma GCC diagnostic pop

using cdcmtk::guarded;
using cdcmtk::ok;
using cdcmtk::status;

namespace {

void register_codecs() {
    static std::once_flag once;
    std::call_once(once, [] {
        cdcmtk_prepare();
        DJDecoderRegistration::registerCodecs(EDC_photometricInterpretation, EUC_never, EPC_colorByPixel);
        DJEncoderRegistration::registerCodecs(ECC_lossyYCbCr, EUC_never);
        DcmRLEDecoderRegistration::registerCodecs();
        DcmRLEEncoderRegistration::registerCodecs();
    });
}

// The parameter with which a syntax is written without loss; null for those that cannot be.
std::unique_ptr<DcmRepresentationParameter> lossless(E_TransferSyntax syntax) {
    switch (syntax) {
        case EXS_JPEGProcess14SV1:
            return std::unique_ptr<DcmRepresentationParameter>(new DJ_RPLossless);
        case EXS_RLELossless:
            return std::unique_ptr<DcmRepresentationParameter>(new DcmRLERepresentationParameter);
        default:
            return nullptr;
    }
}

void describe(DcmDataset &data_set, const cdcmtk_pixel_format &format) {
    data_set.putAndInsertUint16(DCM_Rows, format.rows);
    data_set.putAndInsertUint16(DCM_Columns, format.columns);
    data_set.putAndInsertUint16(DCM_SamplesPerPixel, format.samples);
    data_set.putAndInsertUint16(DCM_BitsAllocated, format.allocated);
    data_set.putAndInsertUint16(DCM_BitsStored, format.stored);
    data_set.putAndInsertUint16(DCM_HighBit, format.high_bit);
    data_set.putAndInsertUint16(DCM_PixelRepresentation, format.representation);
    if (format.samples > 1) data_set.putAndInsertUint16(DCM_PlanarConfiguration, format.planar);
    data_set.putAndInsertString(DCM_PhotometricInterpretation, format.photometric);
    data_set.putAndInsertString(DCM_NumberOfFrames, "1");
    // The codecs write an instance UID of their own beside this one where they lose something.
    data_set.putAndInsertString(DCM_SOPClassUID, UID_SecondaryCaptureImageStorage);
    data_set.putAndInsertString(DCM_SOPInstanceUID, "2.25.1");
}

void read_back(DcmDataset &data_set, cdcmtk_pixel_format *format) {
    OFString photometric;
    if (data_set.findAndGetOFString(DCM_PhotometricInterpretation, photometric).good()) {
        std::strncpy(format->photometric, photometric.c_str(), sizeof format->photometric - 1);
    }
    Uint16 planar = 0;
    format->planar = data_set.findAndGetUint16(DCM_PlanarConfiguration, planar).good() ? planar : 0;
}

// Whether nothing but segments with lengths stands between the start of the image and its frame header, as ITU-T T.81 B.2.1
// has it. DCMTK 3.6.7 looks for the bit depth there and never comes past a TEM marker (DJCodecDecoder::
// scanJpegDataForBitDepth).
bool has_frame_header(const uint8_t *bytes, size_t count) {
    if (count < 4 || bytes[0] != 0xFF || bytes[1] != 0xD8) return false;
    for (size_t at = 2; count - at >= 4;) {
        const uint8_t marker = bytes[at + 1];
        // SOF0 to SOF15 but for DHT, JPG and DAC, which share their range.
        const bool is_frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        const bool has_length = marker >= 0xC0 && marker != 0xFF && (marker < 0xD0 || marker > 0xD9);
        if (bytes[at] != 0xFF || !has_length) return false;
        if (is_frame) return true;
        const size_t length = static_cast<size_t>(bytes[at + 2]) << 8 | bytes[at + 3];
        if (length < 2 || length > count - at - 2) return false;
        at += 2 + length;
    }
    return false;
}

size_t frame_length(const cdcmtk_pixel_format &format) {
    return static_cast<size_t>(format.rows) * format.columns * format.samples * (format.allocated / 8);
}

}  // namespace

extern "C" bool cdcmtk_pixels_can_decode(const char *transfer_syntax) {
    return guarded(false, [&] {
        register_codecs();
        const DcmXfer syntax(transfer_syntax);
        return syntax.isEncapsulated() && static_cast<bool>(DcmCodecList::canChangeCoding(
            syntax.getXfer(), EXS_LittleEndianExplicit));
    });
}

extern "C" cdcmtk_status cdcmtk_pixels_decode(
    const char *transfer_syntax, cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count,
    cdcmtk_bytes *result) {
    return guarded([&] {
        register_codecs();
        const DcmXfer syntax(transfer_syntax);
        if (!syntax.isEncapsulated()) return status(CDCMTK_UNREADABLE, "not a compressed transfer syntax");
        if (syntax.getXfer() != EXS_RLELossless && !has_frame_header(bytes, count)) {
            return status(CDCMTK_UNREADABLE, "no JPEG frame header");
        }
        DcmDataset data_set;
        describe(data_set, *format);
        std::unique_ptr<DcmPixelSequence> sequence(new DcmPixelSequence(DcmTag(DCM_PixelData, EVR_OB)));
        sequence->insert(new DcmPixelItem(DcmTag(DCM_Item, EVR_OB)));
        std::unique_ptr<DcmPixelItem> fragment(new DcmPixelItem(DcmTag(DCM_Item, EVR_OB)));
        OFCondition condition = fragment->putUint8Array(bytes, static_cast<unsigned long>(count));
        if (condition.bad()) return status(CDCMTK_UNREADABLE, condition);
        sequence->insert(fragment.release());
        std::unique_ptr<DcmPixelData> pixels(new DcmPixelData(DcmTag(DCM_PixelData, EVR_OB)));
        pixels->putOriginalRepresentation(syntax.getXfer(), nullptr, sequence.release());
        DcmPixelData *lent = pixels.get();
        condition = data_set.insert(pixels.release());
        if (condition.bad()) return status(CDCMTK_UNREADABLE, condition);
        condition = data_set.chooseRepresentation(EXS_LittleEndianExplicit, nullptr);
        if (condition.bad()) return status(CDCMTK_UNREADABLE, condition);
        const size_t length = frame_length(*format);
        const Uint32 there = static_cast<Uint32>(lent->getLength(EXS_LittleEndianExplicit));
        if (there < length) return status(CDCMTK_UNREADABLE, "a frame is shorter than its rows and columns");
        std::vector<uint8_t> frame(length);
        condition = lent->getPartialValue(frame.data(), 0, static_cast<Uint32>(length), nullptr, EBO_LittleEndian);
        if (condition.bad()) return status(CDCMTK_UNREADABLE, condition);
        read_back(data_set, format);
        if (!cdcmtk::copy(frame, result)) throw std::bad_alloc();
        return ok();
    });
}

extern "C" cdcmtk_status cdcmtk_pixels_encode(
    const char *transfer_syntax, cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count,
    cdcmtk_bytes *result) {
    return guarded([&] {
        register_codecs();
        const E_TransferSyntax syntax = DcmXfer(transfer_syntax).getXfer();
        const std::unique_ptr<DcmRepresentationParameter> parameter = lossless(syntax);
        if (!parameter) return status(CDCMTK_UNWRITABLE, "no codec writes this transfer syntax without loss");
        if (count != frame_length(*format)) return status(CDCMTK_UNWRITABLE, "not one frame");
        DcmDataset data_set;
        describe(data_set, *format);
        std::unique_ptr<DcmPixelData> pixels(
            new DcmPixelData(DcmTag(DCM_PixelData, format->allocated > 8 ? EVR_OW : EVR_OB)));
        OFCondition condition;
        if (format->allocated > 8) {
            std::vector<Uint16> words(count / 2);
            for (size_t index = 0; index < words.size(); ++index) {
                words[index] = static_cast<Uint16>(bytes[2 * index] | bytes[2 * index + 1] << 8);
            }
            condition = pixels->putUint16Array(words.data(), static_cast<unsigned long>(words.size()));
        } else {
            std::vector<uint8_t> even(bytes, bytes + count);
            if (even.size() % 2) even.push_back(0);
            condition = pixels->putUint8Array(even.data(), static_cast<unsigned long>(even.size()));
        }
        if (condition.bad()) return status(CDCMTK_UNWRITABLE, condition);
        DcmPixelData *lent = pixels.get();
        condition = data_set.insert(pixels.release());
        if (condition.bad()) return status(CDCMTK_UNWRITABLE, condition);
        condition = data_set.chooseRepresentation(syntax, parameter.get());
        if (condition.bad()) return status(CDCMTK_UNWRITABLE, condition);
        DcmPixelSequence *sequence = nullptr;
        condition = lent->getEncapsulatedRepresentation(syntax, parameter.get(), sequence);
        if (condition.bad() || !sequence) return status(CDCMTK_UNWRITABLE, "the codec wrote nothing");
        std::vector<uint8_t> all;
        // The first item is the offset table.
        for (unsigned long index = 1; index < sequence->card(); ++index) {
            DcmPixelItem *item = nullptr;
            if (sequence->getItem(item, index).bad()) return status(CDCMTK_UNWRITABLE, "the codec wrote no item");
            const size_t length = item->getLength();
            const size_t start = all.size();
            all.resize(start + length);
            condition = item->getPartialValue(all.data() + start, 0, static_cast<Uint32>(length));
            if (condition.bad()) return status(CDCMTK_UNWRITABLE, condition);
        }
        if (all.empty()) return status(CDCMTK_UNWRITABLE, "the codec wrote nothing");
        if (all.size() % 2) all.push_back(0);
        read_back(data_set, format);
        if (!cdcmtk::copy(all, result)) throw std::bad_alloc();
        return ok();
    });
}
