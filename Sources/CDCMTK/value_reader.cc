#include "value_reader.h"

namespace cdcmtk {

namespace {

size_t number(const unsigned char *bytes) {
    return size_t(bytes[0]) << 24 | size_t(bytes[1]) << 16 | size_t(bytes[2]) << 8 | size_t(bytes[3]);
}

}  // namespace

ValueReader::Outcome ValueReader::read(
    Connection &connection, unsigned char *into, size_t least, size_t most, size_t &count) {
    while (count < least) {
        const ssize_t done = connection.read(into + count, most - count);
        if (done <= 0) return Outcome::lost;
        count += static_cast<size_t>(done);
    }
    return Outcome::value;
}

ValueReader::Outcome ValueReader::next(
    Connection &connection, int seconds, unsigned char *target, size_t room, cdcmtk_pdv &value) {
    unsigned char head[pdu_head + value_head];
    const unsigned char *of_value = head;
    size_t count = 0;
    Outcome outcome;
    if (left_ == 0) {
        // What is between two PDUs is silence, and not held against the minimum rate. The shortest has ten bytes: of one that
        // is not ours a read may bring all, and a little of the next.
        while (count < pdu_head) {
            if (!connection.networkDataAvailable(seconds)) return Outcome::late;
            outcome = read(connection, head, count + 1, sizeof head, count);
            if (outcome != Outcome::value) return outcome;
        }
        const size_t length = number(head + 2);
        if (head[0] != p_data_tf || length < value_head || length > maximum_pdu_) {
            connection.put_back(head, count);
            return Outcome::other;
        }
        left_ = length;
        outcome = read(connection, head, sizeof head, sizeof head, count);
        of_value = head + pdu_head;
    } else {
        if (left_ < value_head) return Outcome::broken;
        outcome = read(connection, head, value_head, value_head, count);
    }
    if (outcome != Outcome::value) return outcome;
    const size_t length = number(of_value);
    // It counts context and control header as well.
    if (length < 2 || length > left_ - 4) return Outcome::broken;
    value.context = of_value[4];
    value.is_command = of_value[5] & command;
    value.is_last = of_value[5] & last;
    value.count = length - 2;
    unsigned char *into = target;
    if (value.is_command || value.count > room) {
        if (memory_.size() < value.count) memory_.resize(value.count);
        into = memory_.data();
    }
    value.bytes = into;
    left_ -= 4 + length;
    count = 0;
    return read(connection, into, value.count, value.count, count);
}

void ValueReader::read_over(Connection &connection) {
    unsigned char buffer[4096];
    while (left_ > 0) {
        const ssize_t done = connection.read(buffer, left_ < sizeof buffer ? left_ : sizeof buffer);
        if (done <= 0) return;
        left_ -= static_cast<size_t>(done);
    }
}

}  // namespace cdcmtk
