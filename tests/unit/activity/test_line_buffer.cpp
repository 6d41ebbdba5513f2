#include <vmail/activity/line_buffer.hpp>

using namespace vmail::activity;

namespace {

/// Gives its text in pieces, and may be complete.
class slow_source : public log_source {
public:
    slow_source(std::string text, std::size_t piece, bool is_complete = false) : log_source("slow", 0, is_complete), text_(std::move(text)), piece_(piece) {}
    std::size_t read(char* to, std::size_t room) override {
        const std::size_t count = text_.copy(to, std::min(room, piece_), at_);
        at_ += count;
        return count;
    }

private:
    std::string text_;
    std::size_t piece_, at_ = 0;
};

struct seen {
    std::vector<std::string> lines{};
    std::uint64_t offset = 0;
    bool operator==(const seen&) const = default;
};

seen lines_of(const std::string& text, std::size_t piece = 1000, bool is_complete = false) {
    slow_source source(text, piece, is_complete);
    line_buffer lines(source);
    seen all;
    while (const auto line = lines.next()) all.lines.push_back(line->is_too_long ? "(too long)" : std::string(line->text));
    all.offset = lines.offset();
    CHECK(lines.tail() == std::string_view(text).substr(0, all.offset).substr(all.offset - std::min<std::size_t>(all.offset, lines.tail().size())));
    return all;
}

const std::string long_line(200'000, 'x');

} // namespace

TEST_CASE("lines, however the bytes come") {
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
        CHECK(lines_of("a\n\nbc\r\n", piece) == seen{{"a", "", "bc"}, 7});
        CHECK(lines_of("", piece) == seen{});
        CHECK(lines_of("a\nb", piece) == seen{{"a"}, 2});
        CHECK(lines_of("a\nb", piece, true) == seen{{"a", "b"}, 3});
    }
    std::string text;
    seen wanted;
    for (int i = 0; i < 100'000; ++i) {
        wanted.lines.push_back(std::to_string(i));
        (text += wanted.lines.back()) += '\n';
    }
    wanted.offset = text.size();
    CHECK(lines_of(text, 4999) == wanted);
}

TEST_CASE("a line that is too long is passed over when its end is there") {
    CHECK(lines_of("a\n" + long_line + "\nb\n") == seen{{"a", "(too long)", "b"}, 200'005});
    CHECK(lines_of("a\n" + std::string(70'000, 'x') + "\nb\n", 300'000) == seen{{"a", "(too long)", "b"}, 70'005});
    CHECK(lines_of("a\n" + long_line) == seen{{"a"}, 2});
    CHECK(lines_of("a\n" + long_line, 1000, true) == seen{{"a", "(too long)"}, 200'002});
    CHECK(lines_of(std::string(65'536, 'x') + "\n").lines == std::vector<std::string>{std::string(65'536, 'x')});
    CHECK(lines_of(std::string(65'537, 'x') + "\n").lines == std::vector<std::string>{"(too long)"});
}
