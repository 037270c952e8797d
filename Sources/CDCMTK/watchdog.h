// Ends what lasts too long.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace cdcmtk {

// A thread beside a blocking association. When a deadline passes, or a transfer is slower than the minimum rate, it
// shuts the socket down, and the blocked call returns with an error that `verdict` explains. A slow peer can keep any
// single read or write alive; it cannot keep the socket.
class Watchdog {
public:
    enum class Verdict { none, deadline, rate };
    using Clock = std::chrono::steady_clock;

    Watchdog(int64_t minimum_rate, double window);
    ~Watchdog();
    Watchdog(const Watchdog &) = delete;
    Watchdog &operator=(const Watchdog &) = delete;

    // From here to `release` the socket is open and may be shut down.
    void guard(int socket);
    void release();

    void set_deadline(double seconds);
    void begin_transfer();
    void end_transfer();

    // Around each blocking call of a transfer: only time on the network counts, not time on the disk.
    void enter();
    void leave();

    void count(int64_t more) { bytes_ += more; }
    int64_t bytes() const { return bytes_; }
    // Bytes that one call may write: they are counted when it is over, and a window should see several.
    int64_t grain() const;
    Verdict verdict();

private:
    void run();
    void judge(Clock::time_point now);
    void bite(Verdict verdict);
    void watch(std::unique_lock<std::mutex> &lock);

    const int64_t minimum_rate_;
    const Clock::duration window_;
    std::atomic<int64_t> bytes_{0};

    std::mutex mutex_;
    std::condition_variable changed_;
    int socket_ = -1;
    bool stopping_ = false;
    Verdict verdict_ = Verdict::none;
    bool has_deadline_ = false;
    Clock::time_point deadline_;
    bool transferring_ = false;
    bool inside_ = false;
    Clock::time_point entered_;
    Clock::duration spent_{};
    int64_t bytes_at_start_ = 0;
    bool started_ = false;
    // Waits for something to watch, without an end.
    bool idle_ = false;
    std::thread thread_;
};

}  // namespace cdcmtk
