// Reading and writing whole data sets (DcmDataset::read, DcmElement::write).
#include "dataset.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "dcmtk/dcmdata/dcistrmb.h"
#include "dcmtk/dcmdata/dcostrmb.h"
#include "dcmtk/dcmdata/dcwcache.h"
#pragma GCC diagnostic pop

using cdcmtk::guarded;
using cdcmtk::ok;
using cdcmtk::status;

namespace {

// No value is too long to be loaded: what is parsed is in memory already.
const Uint32 everything = 0xFFFFFFFE;

const size_t buffer_size = 65536;

// `buffer` has room for `buffer_size` bytes, and is there so that it is made once for all elements.
OFCondition write_element(
    DcmElement *element, E_TransferSyntax syntax, uint8_t *buffer, std::vector<uint8_t> &result) {
    DcmOutputBufferStream stream(buffer, static_cast<offile_off_t>(buffer_size));
    DcmWriteCache cache;
    OFCondition condition;
    element->transferInit();
    do {
        condition = element->write(stream, syntax, EET_UndefinedLength, &cache);
        void *start = nullptr;
        offile_off_t count = 0;
        stream.flushBuffer(start, count);
        const uint8_t *bytes = static_cast<const uint8_t *>(start);
        result.insert(result.end(), bytes, bytes + count);
    } while (condition == EC_StreamNotifyClient);
    element->transferEnd();
    return condition;
}

}  // namespace

extern "C" cdcmtk_dataset *cdcmtk_dataset_create(void) {
    cdcmtk_prepare();
    return guarded<cdcmtk_dataset *>(nullptr, [] { return new cdcmtk_dataset; });
}

extern "C" cdcmtk_status cdcmtk_dataset_parse(
    const uint8_t *bytes, size_t count, const char *transfer_syntax, cdcmtk_dataset **result) {
    return guarded([&] {
        cdcmtk_prepare();
        const E_TransferSyntax syntax = cdcmtk::encoding(transfer_syntax);
        std::unique_ptr<cdcmtk_dataset> parsed(new cdcmtk_dataset);
        if (count > 0) {
            DcmInputBufferStream stream;
            stream.setBuffer(bytes, static_cast<offile_off_t>(count));
            stream.setEos();
            parsed->data_set.transferInit();
            OFCondition condition = parsed->data_set.read(stream, syntax, EGL_noChange, everything);
            parsed->data_set.transferEnd();
            if (condition.bad()) return status(CDCMTK_UNREADABLE, condition);
            if (stream.avail() > 0) return status(CDCMTK_UNREADABLE, "bytes after the last element");
            // Here, before anybody holds a pointer into the data set.
            condition = parsed->data_set.computeGroupLengthAndPadding(
                EGL_withoutGL, EPD_withoutPadding, syntax, EET_UndefinedLength);
            if (condition.bad()) return status(CDCMTK_UNREADABLE, condition);
        }
        *result = parsed.release();
        return ok();
    });
}

extern "C" void cdcmtk_dataset_destroy(cdcmtk_dataset *data_set) {
    guarded(false, [&] {
        delete data_set;
        return true;
    });
}

extern "C" cdcmtk_item *cdcmtk_dataset_root(cdcmtk_dataset *data_set) { return cdcmtk::wrap(&data_set->data_set); }

extern "C" cdcmtk_status cdcmtk_dataset_encode(
    cdcmtk_dataset *data_set, const char *transfer_syntax, uint32_t first, uint32_t last, cdcmtk_bytes *result) {
    return guarded([&] {
        const E_TransferSyntax syntax = cdcmtk::encoding(transfer_syntax);
        std::vector<uint8_t> bytes;
        const std::unique_ptr<uint8_t[]> buffer(new uint8_t[buffer_size]);
        DcmObject *object = nullptr;
        while ((object = data_set->data_set.nextInContainer(object))) {
            const uint32_t tag = cdcmtk::number(object->getTag());
            DcmElement *element = dynamic_cast<DcmElement *>(object);
            if (!element || tag < first || tag > last || (tag & 0xFFFF) == 0) continue;
            const OFCondition condition = write_element(element, syntax, buffer.get(), bytes);
            if (condition.bad()) return status(CDCMTK_UNWRITABLE, condition);
        }
        if (!cdcmtk::copy(bytes, result)) throw std::bad_alloc();
        return ok();
    });
}
