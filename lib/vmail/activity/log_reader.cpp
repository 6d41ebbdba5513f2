#include <algorithm>
#include <optional>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include <vmail/activity/account_name.hpp>
#include <vmail/activity/courier_log.hpp>
#include <vmail/activity/dovecot_log.hpp>
#include <vmail/activity/host_clocks.hpp>
#include <vmail/activity/journal_line.hpp>
#include <vmail/activity/line_buffer.hpp>
#include <vmail/activity/log_line.hpp>
#include <vmail/activity/log_positions.hpp>
#include <vmail/activity/log_reader.hpp>
#include <vmail/activity/log_time.hpp>
#include <vmail/activity/memory_text.hpp>
#include <vmail/activity/open_messages.hpp>
#include <vmail/activity/postfix_log.hpp>

namespace vmail::activity {

namespace {

constexpr std::string_view version = "activity-1";
constexpr std::uint64_t lines_between_checkpoints = 200'000;
constexpr std::int64_t day_seconds = 86'400;
constexpr std::size_t most_programs = 200, most_journals = 1000;
constexpr std::size_t least_head = 256; // fewer bytes may be the same by chance

/// How often a line stands for itself: rsyslog writes "message repeated 3 times: [ TEXT]" for three more. The text becomes that of the line.
std::uint64_t take_repetition(std::string_view& text) {
    std::string_view rest = text;
    if (!take_prefix(rest, "message repeated ")) return 1;
    const std::uint64_t times = number_of(rest);
    const auto begin = rest.find(" times: [ ");
    if (times == 0 || begin == std::string_view::npos || !rest.ends_with(']')) return 1;
    text = rest.substr(begin + 10, rest.size() - begin - 11);
    constexpr std::uint64_t most = 10'000;
    return std::min(times, most);
}

} // namespace

class log_reader::state {
public:
    state(std::string_view memory, reader_options&& options, event_receiver&& tell, checkpoint_receiver&& checkpoint)
        : options_(std::move(options)), checkpoint_(std::move(checkpoint)), receiver_(std::move(tell)), tell_([this](const event& e) {
              ++counts_.told;
              receiver_(e);
          }) {
        if (!memory.empty()) remember(memory);
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    void read(log_source& source) {
        line_buffer lines(source);
        lines.head().starts_with('{') ? read_journal(lines) : read_text(source, lines);
    }

    std::string memory() const {
        memory_writer to;
        to.field(version).end_line();
        positions_.write(to);
        for (const auto& [id, sequence] : journals_) to.field("journal").field(id).field(sequence).end_line();
        if (!cursor_.empty()) to.field("cursor").field(cursor_).end_line();
        write(to, "message", open_);
        write(to, "session", sessions_);
        return to.take();
    }

    void forget(std::string_view account) {
        for (open_messages* const all : {&open_, &sessions_})
            all->revise([&](open_message& m) {
                if (account_name(m.account) == account) m = {};
            });
    }

    const line_counts& counts() const noexcept { return counts_; }
    const std::string& cursor() const noexcept { return cursor_; }

private:
    static void write(memory_writer& to, std::string_view kind, const open_messages& all) {
        all.each([&](std::string_view host, std::string_view id, const open_message& m) {
            to.field(kind).field(host).field(id).field(m.account).field(m.client).field(m.bytes).field(m.is_told ? 1U : 0U).end_line();
        });
    }

    /// False: the line is of another log.
    using text_receiver = std::function<bool(std::string_view)>;
    using position_keeper = std::function<void()>;

    void read_text(log_source& source, line_buffer& lines) {
        while (read_log(source, lines)) lines.begin_log();
        checkpoint_();
    }

    /// True: another log begins behind it.
    bool read_log(log_source& source, line_buffer& lines) {
        std::optional<log_position> earlier = positions_.find(lines.head());
        const auto start = earlier ? lines.resume(*earlier) : line_buffer::start::beginning;
        const bool is_known = start != line_buffer::start::beginning;
        if (is_known) positions_.put(earlier, *earlier); // it is used
        if (start == line_buffer::start::nothing_left) return false;
        if (is_known && positions_.find(lines.next_head(), least_head)) return true;
        log_time time(options_.zone, std::min(source.written(), options_.now), is_known ? earlier->last : std::nullopt);
        const bool has_clock = time.last() && *time.last() <= options_.now;
        host_clocks clocks = has_clock ? host_clocks(earlier->host, *time.last()) : host_clocks();
        const auto keep = [&] {
            const log_position now = position_in(lines, time, clocks);
            if (now.offset == 0) return;
            positions_.put(earlier, now);
            earlier = now;
        };
        return !go_through(lines, [&](std::string_view text) { return take_text(text, time, clocks); }, keep);
    }

    static log_position position_in(const line_buffer& lines, const log_time& time, const host_clocks& clocks) {
        const auto head = std::string_view(lines.head()).substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(lines.offset(), log_position::longest_head)));
        return {fingerprint::of(head), lines.offset(), fingerprint::of(lines.tail()), time.last(), clocks.latest()};
    }

    void read_journal(line_buffer& lines) {
        const auto take = [this](std::string_view text) {
            take_entry(text);
            return true;
        };
        go_through(lines, take, [] {});
        checkpoint_();
    }

    /// False: it came to a line of another log, which is the next one.
    bool go_through(line_buffer& lines, const text_receiver& take, const position_keeper& keep) {
        std::uint64_t since_checkpoint = 0;
        while (const auto line = next_of(lines, keep)) {
            if (!take_line(*line, take)) {
                lines.put_back();
                keep();
                return false;
            }
            ++counts_.lines;
            if (++since_checkpoint % lines_between_checkpoints == 0) checkpoint(keep);
        }
        keep();
        return true;
    }

    bool take_line(const line_buffer::line& line, const text_receiver& take) {
        if (line.is_too_long) ++counts_.too_long;
        else if (line.text.find('\0') != std::string_view::npos) ++counts_.binary;
        else return take(line.text);
        return true;
    }

    /// What the source does not give any more takes away nothing that it gave.
    std::optional<line_buffer::line> next_of(line_buffer& lines, const position_keeper& keep) {
        try {
            return lines.next();
        } catch (const error&) {
            checkpoint(keep);
            throw;
        }
    }

    void checkpoint(const position_keeper& keep) {
        keep();
        checkpoint_();
    }

    bool take_text(std::string_view text, log_time& time, host_clocks& clocks) {
        const auto before = time.last();
        const auto when = time.take(text);
        if (!when) {
            ++counts_.undated;
            return true;
        }
        log_line line = parse_line(text);
        line.when = *when;
        if (!is_future(line) && clocks.goes_back(line.host, line.when)) {
            time.put_back(before);
            return false;
        }
        take_line(line);
        return true;
    }

    bool is_future(const log_line& line) const { return line.when > options_.now + day_seconds; }

    void take_entry(std::string_view text) {
        if (!entry_.parse(text)) {
            ++counts_.undated;
            return;
        }
        const journal_place place = place_of(entry_.cursor());
        if (place.sequence == 0) {
            ++counts_.undated;
        } else if (!is_new(place)) {
            ++counts_.seen_before;
        } else if (entry_.message().find('\0') != std::string::npos) {
            ++counts_.binary;
        } else {
            take_line({entry_.seconds(), entry_.host(), entry_.tag(), entry_.program(), entry_.message()});
        }
    }

    bool is_new(const journal_place& place) {
        const auto known = journals_.find(place.id);
        if (known != journals_.end() && place.sequence <= known->second) return false;
        if (known != journals_.end()) {
            known->second = place.sequence;
        } else {
            if (journals_.size() >= most_journals) journals_.erase(journals_.begin());
            journals_.emplace(place.id, place.sequence);
        }
        cursor_ = entry_.cursor();
        return true;
    }

    void take_line(log_line line) {
        if (is_future(line)) {
            ++counts_.future;
            return;
        }
        for (std::uint64_t times = take_repetition(line.text); times > 0; --times)
            if (!dispatch(line)) return count_unknown(line.program);
    }

    /// False: it is not known what it says.
    bool dispatch(log_line line) {
        const bool is_dovecot = dovecot_log::is_program(line);
        if (line.host.empty()) line.host = options_.host;
        if (is_dovecot) return dovecot_.take(line);
        if (postfix_log::is_program(line.program)) return postfix_.take(line);
        return courier_log::is_program(line.program) && courier_.take(line);
    }

    void count_unknown(std::string_view program) {
        auto& all = counts_.unknown;
        auto found = all.find(program);
        if (found == all.end()) found = all.emplace(all.size() < most_programs ? program : "other", 0).first;
        ++found->second;
    }

    void remember(std::string_view memory) {
        bool is_first = true;
        for (; !memory.empty(); is_first = false) {
            const auto end = memory.find('\n');
            if (end == std::string_view::npos) refuse_memory();
            memory_line line(memory.substr(0, end));
            const std::string kind = line.text();
            if (is_first ? kind != version : !remember_one(kind, line)) refuse_memory();
            line.end();
            memory.remove_prefix(end + 1);
        }
    }

    bool remember_one(const std::string& kind, memory_line& line) {
        if (kind == "log") {
            positions_.read(line);
        } else if (kind == "journal") {
            const std::string id = line.text();
            journals_[id] = line.number();
        } else if (kind == "cursor") {
            cursor_ = line.text();
        } else if (kind == "message") {
            remember_message(line, open_);
        } else if (kind == "session") {
            remember_message(line, sessions_);
        } else {
            return false;
        }
        return true;
    }

    static void remember_message(memory_line& line, open_messages& to) {
        const std::string host = line.text();
        const std::string id = line.text();
        open_message& m = to.open(host, id);
        m.account = line.text();
        m.client = line.text();
        m.bytes = line.number();
        m.is_told = line.number() != 0;
    }

    reader_options options_;
    checkpoint_receiver checkpoint_;
    event_receiver receiver_, tell_;
    line_counts counts_{};
    log_positions positions_{};
    std::map<std::string, std::uint64_t, std::less<>> journals_{}; // the last sequence number of each
    std::string cursor_{};
    open_messages open_{};
    open_messages sessions_{10'000};
    journal_line entry_{};
    postfix_log postfix_{open_, sessions_, tell_};
    dovecot_log dovecot_{tell_};
    courier_log courier_{tell_};
};

log_reader::log_reader(std::string_view memory, reader_options options, event_receiver tell, checkpoint_receiver checkpoint)
    : state_(std::make_unique<state>(memory, std::move(options), std::move(tell), std::move(checkpoint))) {}
log_reader::~log_reader() = default;

void log_reader::forget(std::string_view account) { state_->forget(account); }
void log_reader::read(log_source& source) { state_->read(source); }
std::string log_reader::memory() const { return state_->memory(); }
const line_counts& log_reader::counts() const noexcept { return state_->counts(); }
std::string log_reader::journal_cursor() const { return state_->cursor(); }

} // namespace vmail::activity
