#include "watchdog.h"

#include <sys/socket.h>

namespace cdcmtk {

namespace {
// How often the thread looks while something is watched. Entering and leaving a call need not wake it then.
constexpr std::chrono::milliseconds tick(100);

Watchdog::Clock::duration seconds(double value) {
    return std::chrono::duration_cast<Watchdog::Clock::duration>(std::chrono::duration<double>(value));
}
}  // namespace

Watchdog::Watchdog(int64_t minimum_rate, double window)
    : minimum_rate_(minimum_rate), window_(seconds(window > 0.1 ? window : 0.1)) {}

Watchdog::~Watchdog() {
    {
        std::lock_guard<std::mutex> lock(mutex_);
        stopping_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void Watchdog::guard(int socket) {
    std::lock_guard<std::mutex> lock(mutex_);
    socket_ = socket;
    // A deadline may have passed before there was a socket to end.
    if (verdict_ != Verdict::none) ::shutdown(socket_, SHUT_RDWR);
}

void Watchdog::release() {
    std::lock_guard<std::mutex> lock(mutex_);
    socket_ = -1;
}

void Watchdog::watch(std::unique_lock<std::mutex> &) {
    if (!started_) {
        thread_ = std::thread([this] { run(); });
        started_ = true;
    }
    // While it ticks it will see the change by itself: waking it for each message costs more than the message.
    if (idle_) changed_.notify_one();
}

int64_t Watchdog::grain() const {
    if (minimum_rate_ <= 0) return INT64_MAX;
    return static_cast<int64_t>(std::chrono::duration<double>(window_).count() * static_cast<double>(minimum_rate_)) / 8;
}

void Watchdog::set_deadline(double length) {
    std::unique_lock<std::mutex> lock(mutex_);
    has_deadline_ = length > 0;
    if (!has_deadline_) return;
    deadline_ = Clock::now() + seconds(length);
    watch(lock);
}

void Watchdog::begin_transfer() {
    std::unique_lock<std::mutex> lock(mutex_);
    transferring_ = true;
    spent_ = Clock::duration::zero();
    bytes_at_start_ = bytes_;
    if (minimum_rate_ > 0) watch(lock);
}

void Watchdog::end_transfer() {
    std::lock_guard<std::mutex> lock(mutex_);
    transferring_ = false;
}

void Watchdog::enter() {
    std::lock_guard<std::mutex> lock(mutex_);
    inside_ = true;
    entered_ = Clock::now();
}

void Watchdog::leave() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!inside_) return;
    judge(Clock::now());
    spent_ += Clock::now() - entered_;
    inside_ = false;
}

Watchdog::Verdict Watchdog::verdict() {
    std::lock_guard<std::mutex> lock(mutex_);
    return verdict_;
}

void Watchdog::bite(Verdict verdict) {
    if (verdict_ != Verdict::none) return;
    verdict_ = verdict;
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

void Watchdog::judge(Clock::time_point now) {
    if (has_deadline_ && now >= deadline_) {
        has_deadline_ = false;
        bite(Verdict::deadline);
    }
    if (!transferring_ || !inside_ || minimum_rate_ <= 0) return;
    const Clock::duration total = spent_ + (now - entered_);
    if (total < window_) return;
    const double length = std::chrono::duration<double>(total).count();
    if (static_cast<double>(bytes_ - bytes_at_start_) < static_cast<double>(minimum_rate_) * length) {
        bite(Verdict::rate);
    }
    // The next window.
    spent_ = Clock::duration::zero();
    entered_ = now;
    bytes_at_start_ = bytes_;
}

void Watchdog::run() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopping_) {
        if (has_deadline_ || (transferring_ && minimum_rate_ > 0)) {
            changed_.wait_for(lock, tick);
            judge(Clock::now());
        } else {
            idle_ = true;
            changed_.wait(lock);
            idle_ = false;
        }
    }
}

}  // namespace cdcmtk
