#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

#include <fcntl.h>

#include <fmt/format.h>
#include <gdbm.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "gdbm_map.hpp"

namespace vmail::nis {

namespace {

using namespace std::string_view_literals;

constexpr std::array magics = {
    "\xCE\x9A\x57\x13"sv, "\xCD\x9A\x57\x13"sv, "\xCF\x9A\x57\x13"sv, "\xD0\x9A\x57\x13"sv, "\xD1\x9A\x57\x13"sv,
    "\x13\x57\x9A\xCE"sv, "\x13\x57\x9A\xCD"sv, "\x13\x57\x9A\xCF"sv, "\x13\x57\x9A\xD0"sv, "\x13\x57\x9A\xD1"sv,
};

// Without mmap: a file that is cut short would end the program by SIGBUS. Without a lock: ypserv replaces its maps by renaming new ones,
// so that one that is open does not change; and where the maps are mounted read-only, or by NFS from a server that is being retired, a lock may
// be refused, or wait for a daemon that nobody runs any more.
constexpr int open_flags = GDBM_READER | GDBM_NOLOCK | GDBM_NOMMAP | GDBM_XVERIFY | GDBM_CLOERROR;

[[noreturn]] void refuse(const std::string& name, std::string_view why) {
    throw error(error_kind::invalid_value, fmt::format("cannot read {}: {}", printable(name), why),
                {.hint = "print it with makedbm -u on the machine that made it, and give what is printed"});
}

[[noreturn]] void fail(const std::string& name, int code) {
    if (code == GDBM_BYTE_SWAPPED || code == GDBM_BAD_FILE_OFFSET) refuse(name, "it is a gdbm file of another kind of machine");
    refuse(name, fmt::format("the gdbm file is damaged: {}", gdbm_strerror(static_cast<gdbm_error>(code))));
}

/// Without one, gdbm returns each error; with one, it would end the program when that returned, and no exception should pass through frames of C.
constexpr auto no_fatal_function = static_cast<void (*)(const char*)>(nullptr);

struct closer {
    void operator()(GDBM_FILE file) const { gdbm_close(file); }
};
using gdbm_handle = std::unique_ptr<std::remove_pointer_t<GDBM_FILE>, closer>;

/// A key or a value that gdbm allocated.
class owned_datum {
public:
    explicit owned_datum(datum d) : datum_(d) {}
    owned_datum(owned_datum&& other) noexcept : datum_(std::exchange(other.datum_, datum{nullptr, 0})) {}
    owned_datum& operator=(owned_datum&& other) noexcept {
        std::swap(datum_, other.datum_);
        return *this;
    }
    ~owned_datum() { std::free(datum_.dptr); }

    bool is_there() const noexcept { return datum_.dptr != nullptr; }
    const datum& get() const noexcept { return datum_; }
    std::string_view text() const noexcept {
        std::string_view whole(datum_.dptr, static_cast<std::size_t>(datum_.dsize));
        if (whole.ends_with('\0')) whole.remove_suffix(1);
        return whole;
    }

private:
    datum datum_;
};

class gdbm_reader {
public:
    gdbm_reader(int fd, const std::string& name, std::size_t file_size) : name_(name), largest_(file_size), file_(open(fd)) {}

    gdbm_map read() {
        bytes_.reserve(largest_);
        for (owned_datum key = checked(gdbm_firstkey(file_.get())); key.is_there(); key = checked(gdbm_nextkey(file_.get(), key.get()))) add(key);
        std::sort(records_.begin(), records_.end(), [this](const record& a, const record& b) { return key(a) < key(b); });
        gdbm_map map;
        map.lines.reserve(records_.size());
        for (const record& r : records_) map.lines.emplace_back(bytes_.data() + r.start, r.length);
        map.bytes = std::move(bytes_);
        return map;
    }

private:
    struct record {
        std::size_t start;
        std::size_t key_length;
        std::size_t length;
    };

    gdbm_handle open(int fd) const {
        const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (own < 0) throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", printable(name_), std::strerror(errno)));
        gdbm_handle file(gdbm_fd_open(own, name_.c_str(), 0, open_flags, no_fatal_function));
        if (!file) fail(name_, gdbm_errno);
        return file;
    }

    owned_datum checked(datum d) const {
        if (!d.dptr && gdbm_errno != GDBM_ITEM_NOT_FOUND) fail(name_, gdbm_errno);
        return owned_datum(d);
    }

    void add(const owned_datum& key) {
        const owned_datum value(gdbm_fetch(file_.get(), key.get()));
        if (!value.is_there()) fail(name_, gdbm_errno);
        const std::string_view k = key.text();
        const std::string_view v = value.text();
        // A table that leads round in a circle has no end.
        read_ += k.size() + v.size() + 1;
        if (read_ > largest_) refuse(name_, "the gdbm file is damaged: it has more records than it can hold");
        records_.push_back({bytes_.size(), k.size(), k.size() + 1 + v.size()});
        bytes_.insert(bytes_.end(), k.begin(), k.end());
        bytes_.push_back(' ');
        bytes_.insert(bytes_.end(), v.begin(), v.end());
    }

    std::string_view key(const record& r) const { return {bytes_.data() + r.start, r.key_length}; }

    const std::string& name_;
    std::size_t largest_;
    std::size_t read_ = 0;
    gdbm_handle file_;
    page_vector<char> bytes_;
    std::vector<record> records_;
};

} // namespace

bool is_gdbm(std::string_view start) noexcept {
    return std::any_of(magics.begin(), magics.end(), [start](std::string_view magic) { return start.starts_with(magic); });
}

gdbm_map read_gdbm(int fd, const std::string& name, std::size_t file_size) { return gdbm_reader(fd, name, file_size).read(); }

} // namespace vmail::nis
