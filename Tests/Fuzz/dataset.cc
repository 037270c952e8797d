// Data sets: read, walked, edited, written, and what was written read again.
//
// Input: syntax read, syntax written, edits, then the data set without file meta information.
#include "harness.h"
#include "walk.h"

namespace {

const char *const syntaxes[] = {
    "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.201"};
const size_t syntax_count = sizeof syntaxes / sizeof *syntaxes;

size_t seen;

void walk(cdcmtk_item *item, uint32_t depth) {
    std::vector<cdcmtk_element_info> elements(cdcmtk_item_count(item));
    const size_t count = cdcmtk_item_elements(item, elements.data(), elements.size());
    require(count <= elements.size());
    for (size_t i = 0; i < count; ++i) {
        const cdcmtk_element_info &info = elements[i];
        ++seen;
        note(depth, static_cast<uint32_t>(info.vr[0]) << 8 | static_cast<uint8_t>(info.vr[1]), info.length > 64 ? 64 : info.length);
        if (info.is_sequence) {
            std::vector<cdcmtk_item *> items(cdcmtk_element_item_count(info.element));
            const size_t inside = cdcmtk_element_items(info.element, items.data(), items.size());
            for (size_t j = 0; j < inside; ++j) walk(items[j], depth + 1);
        } else if (info.length != 0xFFFFFFFF) {
            // As DataSetItem: room for as much as the element says that it is long.
            std::vector<uint8_t> value(info.length);
            if (note(cdcmtk_element_value(info.element, value.data(), value.size()))) touch(value.data(), value.size());
        }
        cdcmtk_element_info again;
        require(cdcmtk_item_find(item, info.tag, &again));
    }
}

void edit(cdcmtk_dataset *data_set, cdcmtk_item *item, Input edits) {
    std::vector<cdcmtk_element_info> elements(cdcmtk_item_count(item));
    const size_t count = cdcmtk_item_elements(item, elements.data(), elements.size());
    while (count > 0 && edits.left() > 0) {
        const uint8_t kind = edits.byte();
        const uint32_t tag = elements[edits.byte() % count].tag;
        cdcmtk_item *made = nullptr;
        switch (kind % 4) {
        case 0:
            cdcmtk_item_remove(data_set, item, tag);
            break;
        case 1: {
            // An element of the length that it says, in explicit VR little endian.
            std::vector<uint8_t> value = edits.take(edits.byte());
            const uint8_t length = static_cast<uint8_t>(value.size());
            const char *vr = kind & 4 ? "LO" : kind & 8 ? "UI" : kind & 16 ? "US" : "PN";
            std::vector<uint8_t> bytes = {
                static_cast<uint8_t>(tag >> 16), static_cast<uint8_t>(tag >> 24), static_cast<uint8_t>(tag),
                static_cast<uint8_t>(tag >> 8), static_cast<uint8_t>(vr[0]), static_cast<uint8_t>(vr[1]), length, 0};
            bytes.insert(bytes.end(), value.begin(), value.end());
            note(cdcmtk_item_put(data_set, item, bytes.data(), bytes.size()));
            break;
        }
        case 2:
            if (note(cdcmtk_item_append_item(data_set, item, tag, &made))) require(made != nullptr);
            break;
        default:
            cdcmtk_item_remove_item(data_set, item, tag, kind >> 2);
        }
    }
    // What was removed may still be looked at.
    for (size_t i = 0; i < count; ++i) cdcmtk_element_item_count(elements[i].element);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Input input(bytes, size);
    const size_t from = input.byte() % syntax_count, to = input.byte() % syntax_count;
    const std::vector<uint8_t> edits = input.take(input.byte() % 32);
    const std::vector<uint8_t> content = input.rest();
    if (!Walk(content).succeeds(from != 0, from == 2)) return 0;

    cdcmtk_dataset *data_set = nullptr;
    const bool is_read = note(cdcmtk_dataset_parse(content.data(), content.size(), syntaxes[from], &data_set));
    require(is_read == (data_set != nullptr));
    if (!is_read) return 0;
    seen = 0;
    walk(cdcmtk_dataset_root(data_set), 0);
    note(0xCCCC, seen > 255 ? 255 : static_cast<uint32_t>(seen));
    edit(data_set, cdcmtk_dataset_root(data_set), Input(edits.data(), edits.size()));
    Result written;
    if (note(cdcmtk_dataset_encode(data_set, syntaxes[to], 0, 0xFFFFFFFF, &written.bytes))) {
        written.touched();
        cdcmtk_dataset *again = nullptr;
        note(cdcmtk_dataset_parse(written.bytes.data, written.bytes.count, syntaxes[to], &again));
        if (again) walk(cdcmtk_dataset_root(again), 0);
        cdcmtk_dataset_destroy(again);
    }
    cdcmtk_dataset_destroy(data_set);
    return 0;
}
