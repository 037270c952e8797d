// The data set handle.
#pragma once

#include <memory>

#include "status.h"

struct cdcmtk_dataset {
    DcmDataset data_set;
    // What was taken out: pointers to it may still be held (see cdcmtk_dataset.h).
    std::vector<std::unique_ptr<DcmObject>> removed;

    void keep(DcmObject *object) {
        if (object) removed.emplace_back(object);
    }
};

namespace cdcmtk {

// The syntax that DCMTK reads or writes a data set in. PS3.5 A.4 requires explicit VR little endian of every
// encapsulated syntax, so one of them stands for those that this DCMTK has no name for.
inline E_TransferSyntax encoding(const char *uid) {
    E_TransferSyntax known = DcmXfer(uid).getXfer();
    return known == EXS_Unknown ? EXS_JPEG2000LosslessOnly : known;
}

inline DcmTagKey key(uint32_t tag) {
    return DcmTagKey(static_cast<Uint16>(tag >> 16), static_cast<Uint16>(tag & 0xFFFF));
}

inline uint32_t number(const DcmTagKey &key) {
    return static_cast<uint32_t>(key.getGroup()) << 16 | key.getElement();
}

inline DcmItem *unwrap(cdcmtk_item *item) { return reinterpret_cast<DcmItem *>(item); }
inline cdcmtk_item *wrap(DcmItem *item) { return reinterpret_cast<cdcmtk_item *>(item); }
inline DcmElement *unwrap(cdcmtk_element *element) { return reinterpret_cast<DcmElement *>(element); }
inline cdcmtk_element *wrap(DcmElement *element) { return reinterpret_cast<cdcmtk_element *>(element); }

// The items of a sequence element, or null for any other element.
inline DcmSequenceOfItems *sequence(DcmElement *element) {
    return element && element->ident() == EVR_SQ ? dynamic_cast<DcmSequenceOfItems *>(element) : nullptr;
}

// An iterative look-up in one item, not in its sequences. DcmItem::findAndGetElement does the same over a stack on the
// heap.
inline DcmElement *find(DcmItem *item, const DcmTagKey &key) {
    DcmObject *object = nullptr;
    while ((object = item->nextInContainer(object))) {
        if (object->getTag() == key) return dynamic_cast<DcmElement *>(object);
    }
    return nullptr;
}

}  // namespace cdcmtk
