#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include <vmail/error.hpp>

#include <mbox/file_name.hpp>
#include <mbox/folder_name.hpp>
#include <mbox/keyword_table.hpp>
#include <mbox/ledger.hpp>
#include <mbox/reader.hpp>
#include <mbox/subscriptions.hpp>
#include <mbox/uid_file.hpp>

// The first byte says what the others are: an mbox of some format, or one of the small files. Any bytes are refused with invalid_value, or every byte of
// the mbox is in one message, wherever the window ends in which it is looked for.

namespace {

using namespace vmail::mbox;

void require(bool condition) {
    if (!condition) std::abort();
}

std::uint64_t with_crlf(std::string_view text) {
    std::uint64_t size = text.size();
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) ++size;
    return size;
}

void check_name(const message& m) {
    const std::string name = file_name(m, file_key(m.identity, 1));
    require(key_in(name) == file_key(m.identity, 1) && size_in(name) == m.text().size());
    require(name.find('/') == std::string::npos && flag_letters(m.state.flags).size() <= 5);
}

void check_message(const message& m, const message_options& options, summer& sums) {
    const found_message& f = m.found;
    require(f.text.begin <= f.body && f.body <= f.text.end && f.text.end <= f.next);
    require(m.crlf_size == with_crlf(m.text()));
    require(m.text().size() + m.undone_quotes + m.stripped == m.raw.size());
    if (!options.strip_status) require(identity_of(m.text(), sums) == m.identity);
    require(sums.add(m.text()).finish() == m.content);
    check_name(m);
}

bool is_same(const found_message& a, const found_message& b) {
    return a.text.begin == b.text.begin && a.text.end == b.text.end && a.body == b.body && a.next == b.next && a.lf == b.lf && a.crlf == b.crlf &&
           a.late_from == b.late_from && a.odd_from == b.odd_from && a.length == b.length && a.body_from.naked == b.body_from.naked && a.body_from.quoted == b.body_from.quoted &&
           a.body_from.deeper == b.body_from.deeper;
}

/// Whatever is known of the file, a message is not found, or the same one is.
void check_windows(std::string_view rest, const found_message& whole, const splitting& how) {
    const auto peek = [rest](std::uint64_t offset, std::size_t count) {
        return std::string(rest.substr(std::min<std::size_t>(static_cast<std::size_t>(offset), rest.size()), count));
    };
    const std::size_t last = std::min(rest.size(), whole.next + 8);
    for (std::size_t size = last; size > 0 && last - size < 24; --size) {
        const split_result part = find_message({rest.substr(0, size), size == rest.size(), rest.size(), peek}, how);
        if (part.message)
            require(is_same(*part.message, whole));
        else
            require(part.wanted > size && size < rest.size());
    }
}

/// In memory, as a file.
int file_of(std::string_view bytes) {
    static const int fd = ::memfd_create("mbox", MFD_CLOEXEC);
    require(::ftruncate(fd, 0) == 0 && ::pwrite(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    return fd;
}

void read_mbox(std::string_view bytes, const message_options& options) {
    static summer sums;
    const int fd = file_of(bytes);
    mbox_reader reader(fd, "f", options);
    require(begins_as_mbox(fd) == (reader.leading_blank() < bytes.size()));
    std::size_t at = reader.leading_blank();
    batch b;
    while (reader.next(b))
        for (const message& m : b.messages) {
            check_message(m, options, sums);
            check_windows(bytes.substr(at), m.found, options.splitting);
            at += m.found.next;
        }
    require(at == bytes.size());
}

void read_small_file(unsigned kind, std::string_view bytes) {
    const std::string text(bytes);
    if (kind == 0) {
        if (const auto list = uid_file::parse(bytes)) require(uid_file::parse(list->text()) == list);
    } else if (kind == 1) {
        require(ledger::parse(ledger::parse(bytes).text()).text() == ledger::parse(bytes).text());
    } else if (kind == 2) {
        const std::string once = keyword_table::parse(bytes).text();
        require(keyword_table::parse(once).text() == once);
    } else {
        std::set<folder_name> folders;
        for (folder_name& f : parse_subscriptions(bytes, "mail")) {
            require(f.directory().find('/') == std::string::npos);
            folders.insert(std::move(f));
        }
        const std::string once = add_to_dovecot(text, folders);
        require(add_to_dovecot(once, folders) == once);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const unsigned what = data[0] % 14;
    try {
        if (what >= 10) {
            read_small_file(what - 10, bytes);
        } else {
            message_options options;
            options.splitting = {static_cast<dialect>(what % 5), (data[0] & 64U) != 0};
            options.strip_status = what >= 5;
            options.zone = vmail::time_zone::named("UTC");
            read_mbox(bytes, options);
        }
    } catch (const vmail::invalid_value&) {
    }
    return 0;
}
