#include <vmail/error.hpp>

#include "told.hpp"

using namespace vmail::activity;
using told::lines;

namespace {

std::string login_of(int who) { return "Nov 29 14:51:09 mx imapd: LOGIN, user=u" + std::to_string(who) + ", ip=[::1], port=[1]\n"; }

std::string logins(int from, int to) {
    std::string log;
    for (int who = from; who < to; ++who) log += login_of(who);
    return log;
}

std::size_t events(const std::string& text, std::string& memory) {
    const auto all = told::by(text, memory);
    memory = all.memory;
    return all.lines.size();
}

} // namespace

TEST_CASE("a log goes on where it was") {
    for (const int size : {1, 50, 1000}) { // below and above what is known of its beginning
        CAPTURE(size);
        std::string memory;
        CHECK(events(logins(0, size), memory) == static_cast<std::size_t>(size));
        CHECK(events(logins(0, size), memory) == 0);
        CHECK(events(logins(0, size + 5), memory) == 5);
        CHECK(events(logins(0, size + 5) + "Nov 29 14:51:09 mx imapd: LOGIN, us", memory) == 0);
        CHECK(events(logins(0, size + 6), memory) == 1);
        if (size == 1000) CHECK(events(logins(0, 500), memory) == 0); // an older copy
        CHECK(events(logins(0, size + 7), memory) == 1);
    }
}

TEST_CASE("several logs go on each where it was") {
    std::string memory;
    CHECK(events(logins(0, 500), memory) == 500);
    CHECK(events(logins(10'000, 10'400), memory) == 400);
    CHECK(events("", memory) == 0);
    CHECK(events("\n", memory) == 0);
    CHECK(events(logins(0, 501), memory) == 1);
    CHECK(events(logins(10'000, 10'402), memory) == 2);
}

TEST_CASE("other content is another log") {
    std::string memory;
    CHECK(events(logins(0, 5000), memory) == 5000);
    CHECK(events(logins(1, 2), memory) == 1); // truncated, and written to again
    CHECK(events(logins(1, 3), memory) == 1);
    std::string changed = logins(0, 5000);
    changed.replace(changed.size() - 5, 1, "2"); // far behind what it is known by
    CHECK_THROWS_AS(events(changed, memory), vmail::invalid_value); // a text is read once
}

TEST_CASE("several logs that come as one are what each of them is") {
    const auto day = [](int number) {
        std::string log;
        for (int who = 0; who < 200; ++who) log += "Nov " + std::to_string(number) + " 14:" + std::to_string(10 + who % 50) + ":09 mx imapd: LOGIN, user=d" + std::to_string(number) + "u" + std::to_string(who) + ", ip=[::1]\n";
        return log;
    };
    const std::string today = day(28), more = "Nov 28 15:00:00 mx imapd: LOGIN, user=last, ip=[::1]\n";
    SUBCASE("the newest first, as they are called, and then alone") {
        std::string memory;
        CHECK(events(today + day(27) + day(26), memory) == 600);
        CHECK(events(today + day(27) + day(26), memory) == 0);
        CHECK(events(today + more, memory) == 1);
        CHECK(events(day(27), memory) == 0);
        CHECK(events(day(26), memory) == 0);
        CHECK(events(today + more + more + day(27) + day(26) + day(25), memory) == 201);
    }
    SUBCASE("alone, and then in the order of time") {
        std::string memory;
        for (const int number : {26, 27, 28}) CHECK(events(day(number), memory) == 200);
        CHECK(events(day(26) + day(27) + day(28) + more, memory) == 1);
        CHECK(events(day(26) + day(27) + day(28) + more, memory) == 0);
        CHECK(events(today + more, memory) == 0);
    }
    SUBCASE("one that comes behind one that was read alone") {
        std::string memory;
        CHECK(events(today, memory) == 200);
        CHECK(events(today + day(27), memory) == 200);
        CHECK(events(today + more, memory) == 1);
        CHECK(events(day(27), memory) == 0);
    }
    SUBCASE("a clock that was put back") {
        std::string memory;
        CHECK(events(day(28) + day(20), memory) == 400);
        CHECK(events(day(28) + day(20) + day(21), memory) == 200);
        CHECK(events(day(28) + day(20) + day(21) + more, memory) == 1);
    }
    SUBCASE("a host whose clock is wrong begins no log with each line") {
        std::string log;
        for (int i = 0; i < 50; ++i) log += "Nov 28 14:51:09 mx imapd: LOGIN, user=a, ip=[::1]\nNov 20 14:51:09 my imapd: LOGIN, user=a, ip=[::1]\n";
        const auto first = told::by(log);
        CHECK(first.lines.size() == 100);
        CHECK(std::count(first.memory.begin(), first.memory.end(), '\n') == 2);
    }
}

TEST_CASE("what one log begins another one ends") {
    std::string memory;
    CHECK(told::by("Nov 29 14:51:09 mx postfix/smtpd[1]: 3F2A1B9C0D: client=u[192.0.2.7], sasl_method=PLAIN, sasl_username=a\tb % c\n", memory).lines.size() == 1);
    const auto first = told::by("Nov 29 14:51:09 mx postfix/smtpd[1]: 3F2A1B9C0D: client=u[192.0.2.7], sasl_method=PLAIN, sasl_username=a\tb % c\n");
    const auto second = told::by("Nov 29 14:51:10 mx postfix/qmgr[1]: 3F2A1B9C0D: from=<a@x>, size=2, nrcpt=1 (queue active)\n", first.memory);
    CHECK(second.lines == lines{"submission of 1, 2 a\tb % c 192.0.2.7 3F2A1B9C0D"});
    const auto third = told::by("Nov 29 14:51:11 mx postfix/qmgr[1]: 3F2A1B9C0D: from=<a@x>, size=2, nrcpt=1 (queue active)\nNov 29 14:51:11 mx postfix/qmgr[1]: 3F2A1B9C0D: removed\n", second.memory);
    CHECK(third.lines.empty());
    CHECK(third.memory.find("3F2A1B9C0D") == std::string::npos);
}

TEST_CASE("a memory that is none is refused") {
    for (const std::string memory : {"x", "activity-2\n", "activity-1", "activity-1\nlog\n", "activity-1\nlog\tx\n", "activity-1\nwhat\n", "activity-1\nlog\t9999\tab\t1\t0\tab\t\t\n",
                                     "activity-1\nlog\t1\tab\t1\t5\tab\t\t\n", "activity-1\njournal\ta\n", "activity-1\njournal\ta\t1\t2\n", "activity-1\ncursor\t%4\n", "activity-1\ncursor\t%4g\n", "activity-1\nmessage\ta\tb\tc\td\t-1\t0\n"})
        CHECK_THROWS_AS(told::by("", memory), vmail::invalid_value);
    const std::string memory = told::by(logins(0, 5)).memory;
    CHECK(told::by("", memory).memory == memory);
}

TEST_CASE("what was told and what is remembered agree at each checkpoint") {
    // It ends at any of them, as when it is killed: the next one tells the rest, and nothing twice.
    const std::string log = logins(0, 450'000);
    std::size_t told = 0, kept = 0, checkpoints = 0;
    std::string memory;
    const auto run = [&](std::size_t most) {
        const auto source = log_of_text(log, told::now);
        log_reader* reading = nullptr;
        std::size_t seen = 0;
        log_reader reader(memory, told::options(), [&](const event&) { ++told; }, [&] {
            if (++seen > most) throw std::runtime_error("killed");
            memory = reading->memory();
            kept += told;
            told = 0;
            ++checkpoints;
        });
        reading = &reader;
        reader.read(*source);
    };
    CHECK_THROWS_AS(run(1), std::runtime_error);
    CHECK(kept == 200'000);
    told = 0;
    run(100);
    CHECK(kept == 450'000);
    CHECK(checkpoints == 3);
}

TEST_CASE("a source that fails leaves what was read of it") {
    class failing_source : public log_source {
    public:
        failing_source() : log_source("failing", told::now, false) {}
        std::size_t read(char* to, std::size_t room) override {
            if (given_ > 2) throw vmail::unavailable("the disk is gone");
            ++given_;
            return logins(0, 100).copy(to, room);
        }

    private:
        int given_ = 0;
    };
    failing_source source;
    std::size_t told = 0, checkpoints = 0;
    log_reader reader("", told::options(), [&](const event&) { ++told; }, [&] { ++checkpoints; });
    CHECK_THROWS_AS(reader.read(source), vmail::unavailable);
    CHECK(told == 300);
    CHECK(checkpoints == 1);
}

TEST_CASE("binary and endless lines cost nothing but themselves") {
    using namespace std::string_literals;
    const auto all = told::by(login_of(1) + "\0\x01\xff\0\n"s + std::string(1'000'000, 'x') + "\n" + login_of(2) + "Nov 29 14:51:09 mx imapd: LOGIN, user=a\0b, ip=[::1]\n"s + login_of(3));
    CHECK(all.lines.size() == 3);
    CHECK(all.counts.lines == 6);
    CHECK(all.counts.binary == 2);
    CHECK(all.counts.too_long == 1);
}
