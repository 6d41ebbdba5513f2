#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <vmail/doveadm_quota.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/page/markup.hpp>
#include <vmail/login_times.hpp>
#include <vmail/maildir_size.hpp>

// Any bytes that a mail store or Dovecot may hold are refused with invalid_value or are what they say: one message more in a maildirsize is one message
// more, a table of doveadm and a file of logins mean the same when there is more behind them. Text of a page has no mark of XML.

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

template <typename Function> void unless_refused(const Function& f) {
    try {
        f();
    } catch (const vmail::invalid_value&) {
    }
}

void try_maildir_size(const std::string& bytes) {
    const auto found = vmail::parse_maildir_size(bytes).used;
    if (found.bytes >= INT64_MAX - 1 || found.messages >= INT64_MAX - 1) return;
    require(vmail::parse_maildir_size(bytes + "2 1\n").used == vmail::mail_size{found.bytes + 2, found.messages + 1});
}

void try_doveadm(const std::string& bytes) {
    const auto all = vmail::parse_doveadm_quotas(bytes);
    if (all.empty() || bytes.back() != '\n' || all.contains("zz@zz.example")) return;
    require(vmail::parse_doveadm_quotas(bytes + "zz@zz.example\tU\tSTORAGE\t1\t-\t0\n").size() == all.size() + 1);
}

void try_logins(const std::string& bytes) {
    const auto who = vmail::address::parse("zz@zz.example");
    const vmail::login_times all(bytes, "f");
    require(!all.of(who) || bytes.size() > 13);
    if (bytes.empty() || bytes.back() != '\n') return;
    require(vmail::login_times(bytes + "shared/last-login/zz@zz.example\n99999999999\n", "f").of(who)->epoch() == 99999999999);
}

void try_text(const std::string& bytes) {
    const auto text = vmail::page::escaped(bytes);
    require(text.find_first_of("<>\"'") == std::string::npos);
    for (const char c : text) require(static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    unless_refused([&] { try_maildir_size(bytes); });
    unless_refused([&] { try_doveadm(bytes); });
    unless_refused([&] { try_logins(bytes); });
    try_text(bytes);
    return 0;
}
