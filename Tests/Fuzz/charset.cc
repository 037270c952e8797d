// Character sets. Input: which sets, the delimiters, the length of a name of our peer's making, that name, then the text.
#include "harness.h"

namespace {

const char *const sets[] = {
    "", "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 144", "ISO_IR 127", "ISO_IR 126", "ISO_IR 138",
    "ISO_IR 148", "ISO_IR 13", "ISO_IR 166", "ISO_IR 192", "GB18030", "GBK", "ISO 2022 IR 6\\ISO 2022 IR 100",
    "\\ISO 2022 IR 149", "\\ISO 2022 IR 58", "\\ISO 2022 IR 87", "ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 159",
    "ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126"};
const size_t set_count = sizeof sets / sizeof *sets;
const char *const delimiters[] = {"", "\\", "\\^="};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Input input(bytes, size);
    const size_t from = input.byte(), to = input.byte(), delimiter = input.byte() % 3;
    std::vector<uint8_t> given = input.take(input.byte());
    const std::string name(given.begin(), given.end());
    // Swift hands names over as C strings.
    const char *source = from % (set_count + 1) == set_count ? name.c_str() : sets[from % (set_count + 1)];
    const std::vector<uint8_t> text = input.rest();
    Result result;
    if (!note(cdcmtk_charset_convert(source, sets[to % set_count], delimiters[delimiter], text.data(), text.size(), &result.bytes))) {
        return 0;
    }
    result.touched();
    note(static_cast<uint32_t>(from), static_cast<uint32_t>(to), result.bytes.count > text.size());
    Result back;
    note(cdcmtk_charset_convert(
        sets[to % set_count], source, delimiters[delimiter], result.bytes.data, result.bytes.count, &back.bytes));
    back.touched();
    return 0;
}
