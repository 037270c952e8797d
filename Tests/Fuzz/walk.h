// What HeaderScanner refuses before DCMTK sees a byte: lengths that overrun what holds them, delimiters that are missing or
// out of place, sequences deeper than the bound. The same rules in short; only its guess at values of implicit VR that look like
// a sequence is left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

class Walk {
public:
    static const int maximum_depth = 64;

    explicit Walk(const std::vector<uint8_t> &bytes) : bytes_(bytes) {}

    bool succeeds(bool is_explicit, bool is_big) {
        return elements({bytes_.size(), false, is_explicit, is_big, 0}) && at_ == bytes_.size();
    }

private:
    struct Frame {
        size_t end;
        // Ended by a delimiter.
        bool is_open;
        bool is_explicit;
        bool is_big;
        int depth;
    };

    uint32_t number(size_t at, int size, bool is_big) const {
        uint32_t result = 0;
        for (int i = 0; i < size; ++i) {
            result |= static_cast<uint32_t>(bytes_[at + (is_big ? size - 1 - i : i)]) << (8 * i);
        }
        return result;
    }

    uint32_t tag(const Frame &frame) const {
        return number(at_, 2, frame.is_big) << 16 | number(at_ + 2, 2, frame.is_big);
    }

    static bool is_one_of(const char *vrs, const char *vr) {
        for (; *vrs; vrs += 2) {
            if (vrs[0] == vr[0] && vrs[1] == vr[1]) return true;
        }
        return false;
    }

    static bool has_long_length(const char *vr) {
        if (is_one_of("AEASATCSDADSDTFLFDISLOLTPNSHSLSSSTTMUIULUS", vr)) return false;
        // Letters of no table have one too, if they are capitals.
        return vr[0] >= 'A' && vr[0] <= 'Z' && vr[1] >= 'A' && vr[1] <= 'Z';
    }

    bool elements(const Frame &frame) {
        while (at_ < frame.end) {
            if (frame.end - at_ < 8) return false;
            const uint32_t tag = this->tag(frame);
            if (tag == 0xFFFEE00D) {
                at_ += 8;
                return frame.is_open && number(at_ - 4, 4, frame.is_big) == 0;
            }
            if (tag >> 16 == 0xFFFE) return false;
            char vr[3] = "";
            uint32_t length = 0;
            if (frame.is_explicit) {
                std::memcpy(vr, &bytes_[at_ + 4], 2);
                if (has_long_length(vr)) {
                    if (frame.end - at_ < 12) return false;
                    length = number(at_ + 8, 4, frame.is_big);
                    at_ += 12;
                } else {
                    length = number(at_ + 6, 2, frame.is_big);
                    at_ += 8;
                }
            } else {
                length = number(at_ + 4, 4, frame.is_big);
                at_ += 8;
            }
            if (!value(frame, tag, vr, length)) return false;
        }
        return !frame.is_open;
    }

    bool value(const Frame &frame, uint32_t tag, const char *vr, uint32_t length) {
        const int depth = frame.depth + 1;
        if (length == 0xFFFFFFFF) {
            if (is_one_of("OBOW", vr) || (!frame.is_explicit && tag == 0x7FE00010)) {
                return items({frame.end, true, frame.is_explicit, frame.is_big, depth}, true);
            }
            if (is_one_of("UN", vr)) return items({frame.end, true, false, false, depth}, false);
            if (frame.is_explicit && !is_one_of("SQ", vr)) return false;
            return items({frame.end, true, frame.is_explicit, frame.is_big, depth}, false);
        }
        if (length > frame.end - at_) return false;
        const size_t end = at_ + length;
        if (is_one_of("SQ", vr)) {
            return items({end, false, frame.is_explicit, frame.is_big, depth}, false) && at_ == end;
        }
        at_ = end;
        return true;
    }

    bool items(const Frame &frame, bool are_fragments) {
        if (frame.depth > maximum_depth) return false;
        while (at_ < frame.end) {
            if (frame.end - at_ < 8) return false;
            const uint32_t tag = this->tag(frame), length = number(at_ + 4, 4, frame.is_big);
            at_ += 8;
            if (tag == 0xFFFEE0DD) return frame.is_open && length == 0;
            if (tag != 0xFFFEE000) return false;
            Frame item = frame;
            item.is_open = length == 0xFFFFFFFF;
            if (item.is_open) {
                if (are_fragments) return false;
            } else {
                if (length > frame.end - at_) return false;
                item.end = at_ + length;
            }
            if (are_fragments) {
                at_ = item.end;
            } else if (!elements(item) || (!item.is_open && at_ != item.end)) {
                return false;
            }
        }
        return !frame.is_open;
    }

    const std::vector<uint8_t> &bytes_;
    size_t at_ = 0;
};
