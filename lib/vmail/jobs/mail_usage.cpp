#include <utility>
#include <vector>

#include <fmt/format.h>

#include <vmail/doveadm_quota.hpp>
#include <vmail/error.hpp>
#include <vmail/maildir.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>

#include <vmail/jobs/mail_root.hpp>
#include <vmail/jobs/mail_usage.hpp>

namespace vmail {

namespace {

constexpr std::size_t users_at_once = 1000; // what starting doveadm takes is then nothing to what it does

struct waiting {
    std::string login;
    mail_usage known;
    usage_meter::told tell;
};

void take_size(mail_usage& u, std::string_view by, const mail_size& size, std::optional<quota> limit = {}) {
    u.size_told_by = by;
    u.size = size;
    u.limit = limit;
}

/// Whether the count that is kept told it.
bool take_size_file(mail_usage& u, int folder, usage_source from) {
    try {
        const auto kept = maildir::read_size_file(folder);
        if (kept) take_size(u, usage_word::maildirsize, kept->used, kept->limit);
        else if (from == usage_source::maildirsize) u.size_fault = "its Maildir has no file maildirsize";
        return kept.has_value();
    } catch (const error& e) {
        if (from == usage_source::maildirsize) u.size_fault = e.what();
        return false;
    }
}

void look_for_size(mail_usage& u, int folder, usage_source from) {
    if (from != usage_source::disk && take_size_file(u, folder, from)) return;
    if (from == usage_source::maildirsize) return;
    try {
        take_size(u, usage_word::disk, maildir::measure(folder));
    } catch (const error& e) {
        u.size_fault = e.what();
    }
}

void look_for_use(mail_usage& u, int folder) {
    try {
        u.last_use = maildir::last_opened(folder);
        u.use_told_by = usage_word::maildir;
    } catch (const error& e) {
        u.use_fault = e.what();
    }
}

} // namespace

use_verdict judge_use(const mail_usage& u, const std::optional<timestamp>& made, timestamp now, std::chrono::days idle) {
    const auto begin = now.instant() - idle;
    if (u.use_told_by.empty()) return use_verdict::unknown;
    if ((u.last_use && u.last_use->instant() > begin) || (made && made->instant() > begin)) return use_verdict::used;
    return u.last_use ? use_verdict::idle : use_verdict::never;
}

std::optional<timestamp> made_at(const stored<mailbox>& m) {
    if (m->created) return m->created;
    try {
        const auto noted = m.source.first(schema::attr::create_timestamp);
        return noted ? std::optional(timestamp::parse_generalized(*noted)) : std::nullopt;
    } catch (const invalid_value&) { // of no server that we know
        return std::nullopt;
    }
}

struct usage_meter::state {
    explicit state(usage_options o) : options(std::move(o)), asks_doveadm(options.size == usage_source::doveadm) {
        sizes_here = options.size && !asks_doveadm;
        uses_here = options.use && options.logins == nullptr;
        if (sizes_here || uses_here) root.emplace(options.mail_home);
    }

    mail_usage look(const mailbox& m) const {
        mail_usage u;
        if (options.use && options.logins != nullptr) {
            u.use_told_by = usage_word::logins;
            u.last_use = options.logins->of(m.address);
        }
        if (root) look_in_folder(u, m);
        return u;
    }

    void look_in_folder(mail_usage& u, const mailbox& m) const {
        try {
            const auto folder = root->find(m.home.empty() ? options.mail_home : m.home, m.path);
            if (!folder || !maildir::is_one(folder->get())) return note_no_folder(u);
            if (sizes_here) look_for_size(u, folder->get(), *options.size);
            if (uses_here) look_for_use(u, folder->get());
        } catch (const error& e) {
            if (sizes_here) u.size_fault = e.what();
            if (uses_here) u.use_fault = e.what();
        }
    }

    void note_no_folder(mail_usage& u) const {
        if (sizes_here) u.size_told_by = usage_word::no_folder;
        if (uses_here) u.use_told_by = usage_word::no_folder;
    }

    void tell(const mail_usage& u, const told& hear) {
        ++looked_at;
        if (u.has_no_folder()) ++without_folder;
        if (!u.size_fault.empty() || !u.use_fault.empty()) ++not_found_out;
        hear(u);
    }

    void ask_doveadm() {
        if (queue.empty()) return;
        const auto batch = std::exchange(queue, {});
        std::vector<std::string> logins;
        for (const waiting& w : batch) logins.push_back(w.login);
        const auto answer = vmail::ask_doveadm(options.doveadm, logins);
        for (const waiting& w : batch) {
            mail_usage u = w.known;
            take_answer(u, answer, w.login);
            tell(u, w.tell);
        }
    }

    static void take_answer(mail_usage& u, const doveadm_answer& answer, const std::string& login) {
        const auto found = answer.quotas.find(login);
        if (found != answer.quotas.end() && found->second.used) return take_size(u, usage_word::doveadm, *found->second.used, found->second.limit);
        u.size_fault = "doveadm does not tell";
        if (!answer.complaint.empty()) u.size_fault += fmt::format(" (its first complaint: {})", answer.complaint);
    }

    usage_options options;
    bool asks_doveadm, sizes_here = false, uses_here = false;
    std::optional<jobs::mail_root> root{};
    std::vector<waiting> queue{};
    std::size_t looked_at = 0, without_folder = 0, not_found_out = 0;
};

usage_meter::usage_meter(usage_options options) : state_(std::make_unique<state>(std::move(options))) {}
usage_meter::~usage_meter() = default;

void usage_meter::add(const mailbox& m, told tell) {
    mail_usage u = state_->look(m);
    if (!state_->asks_doveadm) return state_->tell(u, tell);
    state_->queue.push_back({m.address.key(), std::move(u), std::move(tell)});
    if (state_->queue.size() >= users_at_once) state_->ask_doveadm();
}

void usage_meter::finish() { state_->ask_doveadm(); }

std::size_t usage_meter::looked_at() const noexcept { return state_->looked_at; }
std::size_t usage_meter::without_folder() const noexcept { return state_->without_folder; }
std::size_t usage_meter::not_found_out() const noexcept { return state_->not_found_out; }

} // namespace vmail
