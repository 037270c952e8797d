// Data sets: DcmDataset, DcmItem, DcmElement.
//
// Items and elements are lent by their data set. Whatever is removed or replaced is kept until the data set goes, so
// that a pointer that was handed out once stays valid for as long as its data set lives.
#pragma once

#include "cdcmtk_status.h"

CDCMTK_BEGIN

typedef struct cdcmtk_dataset cdcmtk_dataset;
typedef struct cdcmtk_item cdcmtk_item;
typedef struct cdcmtk_element cdcmtk_element;

typedef struct cdcmtk_element_info {
    cdcmtk_element *element;
    uint32_t tag;
    uint32_t length;
    char vr[3];
    bool is_sequence;
} cdcmtk_element_info;

cdcmtk_dataset *cdcmtk_dataset_create(void);

// Exactly one data set without file meta information; group lengths and trailing padding (FFFC,FFFC) are dropped. A
// transfer syntax that DCMTK does not know is read as explicit VR little endian with encapsulated pixel data.
cdcmtk_status cdcmtk_dataset_parse(
    const uint8_t *bytes, size_t count, const char *transfer_syntax, cdcmtk_dataset **result);

void cdcmtk_dataset_destroy(cdcmtk_dataset *data_set);

cdcmtk_item *cdcmtk_dataset_root(cdcmtk_dataset *data_set);

// The elements from tag `first` to tag `last`; sequences and items get undefined length.
cdcmtk_status cdcmtk_dataset_encode(
    cdcmtk_dataset *data_set, const char *transfer_syntax, uint32_t first, uint32_t last, cdcmtk_bytes *result);

size_t cdcmtk_item_count(cdcmtk_item *item);
// Fills at most `capacity` entries in tag order and returns how many.
size_t cdcmtk_item_elements(cdcmtk_item *item, cdcmtk_element_info *into, size_t capacity);
bool cdcmtk_item_find(cdcmtk_item *item, uint32_t tag, cdcmtk_element_info *into);

void cdcmtk_item_remove(cdcmtk_dataset *data_set, cdcmtk_item *item, uint32_t tag);
// Elements in explicit VR little endian, headers included, each in the place of one with the same tag. A failure may leave some
// of them put.
cdcmtk_status cdcmtk_item_put(cdcmtk_dataset *data_set, cdcmtk_item *item, const uint8_t *bytes, size_t count);
cdcmtk_status cdcmtk_item_append_item(
    cdcmtk_dataset *data_set, cdcmtk_item *item, uint32_t sequence, cdcmtk_item **result);
void cdcmtk_item_remove_item(cdcmtk_dataset *data_set, cdcmtk_item *item, uint32_t sequence, size_t index);

// Copies the value, numbers in little endian, padding included. `into` has room for `length` bytes.
cdcmtk_status cdcmtk_element_value(cdcmtk_element *element, uint8_t *into, size_t length);
size_t cdcmtk_element_item_count(cdcmtk_element *element);
size_t cdcmtk_element_items(cdcmtk_element *element, cdcmtk_item **into, size_t capacity);

CDCMTK_END
