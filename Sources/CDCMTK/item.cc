// Looking into items and editing them (DcmItem, DcmSequenceOfItems).
#include "dataset.h"

#include <cstring>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "dcmtk/dcmdata/dcistrmb.h"
#pragma GCC diagnostic pop

using cdcmtk::guarded;
using cdcmtk::ok;
using cdcmtk::status;
using cdcmtk::unwrap;
using cdcmtk::wrap;

namespace {

cdcmtk_element_info info(DcmElement *element) {
    cdcmtk_element_info result;
    result.element = wrap(element);
    result.tag = cdcmtk::number(element->getTag());
    result.length = element->getLengthField();
    result.is_sequence = cdcmtk::sequence(element) != nullptr;
    // DCMTK's internal representations (ox, xs, na and the like) become the one that would be written.
    const char *name = result.is_sequence ? "SQ" : DcmVR(DcmVR(element->getVR()).getValidEVR()).getVRName();
    std::strncpy(result.vr, name, 2);
    result.vr[2] = 0;
    return result;
}

void detach(cdcmtk_dataset *data_set, DcmItem *item, const DcmTagKey &key) {
    // A null result means that there is no such element.
    data_set->keep(item->remove(key));
}

}  // namespace

extern "C" size_t cdcmtk_item_count(cdcmtk_item *item) { return unwrap(item)->card(); }

extern "C" size_t cdcmtk_item_elements(cdcmtk_item *item, cdcmtk_element_info *into, size_t capacity) {
    return guarded<size_t>(0, [&] {
        size_t count = 0;
        DcmObject *object = nullptr;
        while (count < capacity && (object = unwrap(item)->nextInContainer(object))) {
            if (DcmElement *element = dynamic_cast<DcmElement *>(object)) into[count++] = info(element);
        }
        return count;
    });
}

extern "C" bool cdcmtk_item_find(cdcmtk_item *item, uint32_t tag, cdcmtk_element_info *into) {
    return guarded(false, [&] {
        DcmElement *element = cdcmtk::find(unwrap(item), cdcmtk::key(tag));
        if (element) *into = info(element);
        return element != nullptr;
    });
}

extern "C" void cdcmtk_item_remove(cdcmtk_dataset *data_set, cdcmtk_item *item, uint32_t tag) {
    guarded(false, [&] {
        detach(data_set, unwrap(item), cdcmtk::key(tag));
        return true;
    });
}

extern "C" cdcmtk_status cdcmtk_item_put(
    cdcmtk_dataset *data_set, cdcmtk_item *item, const uint8_t *bytes, size_t count) {
    return guarded([&] {
        // Through the parser, because it is the one way to give any representation exactly these bytes.
        DcmDataset parsed;
        DcmInputBufferStream stream;
        stream.setBuffer(bytes, static_cast<offile_off_t>(count));
        stream.setEos();
        parsed.transferInit();
        OFCondition condition = parsed.read(stream, EXS_LittleEndianExplicit, EGL_noChange, 0xFFFFFFFE);
        parsed.transferEnd();
        if (condition.bad()) return status(CDCMTK_UNWRITABLE, condition);
        if (stream.avail() > 0 || parsed.card() == 0) return status(CDCMTK_UNWRITABLE, "not whole elements");
        while (parsed.card() > 0) {
            std::unique_ptr<DcmElement> element(parsed.remove(0UL));
            if (!element) return status(CDCMTK_UNWRITABLE, "not an element");
            detach(data_set, unwrap(item), element->getTag());
            condition = unwrap(item)->insert(element.get(), OFFalse);
            if (condition.bad()) return status(CDCMTK_UNWRITABLE, condition);
            element.release();
        }
        return ok();
    });
}

extern "C" cdcmtk_status cdcmtk_item_append_item(
    cdcmtk_dataset *data_set, cdcmtk_item *item, uint32_t tag, cdcmtk_item **result) {
    return guarded([&] {
        const DcmTagKey key = cdcmtk::key(tag);
        DcmSequenceOfItems *sequence = cdcmtk::sequence(cdcmtk::find(unwrap(item), key));
        if (!sequence) {
            detach(data_set, unwrap(item), key);
            std::unique_ptr<DcmSequenceOfItems> made(new DcmSequenceOfItems(DcmTag(key, DcmVR(EVR_SQ))));
            const OFCondition condition = unwrap(item)->insert(made.get(), OFFalse);
            if (condition.bad()) return status(CDCMTK_UNWRITABLE, condition);
            sequence = made.release();
        }
        std::unique_ptr<DcmItem> made(new DcmItem);
        const OFCondition condition = sequence->append(made.get());
        if (condition.bad()) return status(CDCMTK_UNWRITABLE, condition);
        *result = wrap(made.release());
        return ok();
    });
}

extern "C" void cdcmtk_item_remove_item(
    cdcmtk_dataset *data_set, cdcmtk_item *item, uint32_t tag, size_t index) {
    guarded(false, [&] {
        DcmSequenceOfItems *sequence = cdcmtk::sequence(cdcmtk::find(unwrap(item), cdcmtk::key(tag)));
        if (sequence && index < sequence->card()) data_set->keep(sequence->remove(index));
        return true;
    });
}

extern "C" cdcmtk_status cdcmtk_element_value(cdcmtk_element *element, uint8_t *into, size_t length) {
    return guarded([&] {
        if (length == 0) return ok();
        const OFCondition condition = unwrap(element)->getPartialValue(
            into, 0, static_cast<Uint32>(length), nullptr, EBO_LittleEndian);
        return condition.good() ? ok() : status(CDCMTK_UNREADABLE, condition);
    });
}

extern "C" size_t cdcmtk_element_item_count(cdcmtk_element *element) {
    return guarded<size_t>(0, [&] {
        DcmSequenceOfItems *sequence = cdcmtk::sequence(unwrap(element));
        return sequence ? static_cast<size_t>(sequence->card()) : 0;
    });
}

extern "C" size_t cdcmtk_element_items(cdcmtk_element *element, cdcmtk_item **into, size_t capacity) {
    return guarded<size_t>(0, [&] {
        DcmSequenceOfItems *sequence = cdcmtk::sequence(unwrap(element));
        size_t count = 0;
        DcmObject *object = nullptr;
        while (sequence && count < capacity && (object = sequence->nextInContainer(object))) {
            if (DcmItem *item = dynamic_cast<DcmItem *>(object)) into[count++] = wrap(item);
        }
        return count;
    });
}
