#include <unistd.h>

#include <vmail/ascii.hpp>
#include <vmail/mail_store/identity.hpp>
#include <vmail/mail_store/new_maildir.hpp>

#include <cli/terminal.hpp>

#include "entity_verbs.hpp"
#include "maildir_command.hpp"
#include "mail_owner.hpp"
#include "purge_work.hpp"

namespace vmail::tools {

namespace {

using mail_store::making;

struct maildir_flags {
    target_flags targets{};
    std::optional<std::string> domain{};
    std::optional<std::string> mode{};
    std::optional<std::vector<std::string>> folders{};
};

// ---- where

std::string without_slash(std::string text) {
    while (text.size() > 1 && text.ends_with('/')) text.pop_back();
    return text;
}

/// What is between the root and the home of a mailbox, "hosting/".
std::string part_below(const std::string& root, const std::string& home, const mailbox& m) {
    if (home == root) return {};
    if (home.starts_with(root + '/')) return home.substr(root.size() + 1) + '/';
    throw invalid_value(fmt::format("the mail of {} lies in {}, and not below {}", printable(m.address.text()), vmail::quoted(home), printable(root)));
}

/// The root is what the settings say, whatever the directory does.
mail_store::folder_path place_of(const mailbox& m, const std::string& root) {
    if (m.has_problem(schema::attr::mailbox) || m.has_problem(schema::attr::vd_home))
        throw invalid_value(fmt::format("where the mail of {} lies makes no sense", printable(m.address.text())), {.hint = "\"mailctl mailbox show\" has its problems"});
    const std::string home = without_slash(m.home.empty() ? root : m.home), path = m.path.empty() ? maildir_path(m.address) : m.path;
    if (!path.ends_with('/')) throw invalid_value(fmt::format("the folder {} of {} is no Maildir, which has a \"/\" at its end", vmail::quoted(path), printable(m.address.text())));
    const std::string within = part_below(root, home, m);
    return mail_store::folder_path::parse(within + path, m.address.domain().text());
}

// ---- what

/// But for the quota, which each has its own of.
mail_store::maildir_form form_of(const configuration& c, const maildir_flags& flags) {
    mail_store::maildir_form form{.mode = static_cast<mode_t>(c.maildir_mode), .folders = flags.folders ? *flags.folders : c.maildir_folders};
    for (const auto& name : form.folders)
        if (!is_folder_name(name)) throw invalid_value(fmt::format("--folders: {} is no name of letters, digits, - and _, with a dot between a folder and one within it", vmail::quoted(name)));
    if (flags.mode) form.mode = static_cast<mode_t>(std::stoul(*flags.mode, nullptr, 8));
    return form;
}

class maildir_maker {
public:
    maildir_maker(invocation& run, mail_store::maildir_form form)
        : run_(run), c_(run.configuration()), form_(std::move(form)), root_(without_slash(c_.mail_home)), store_(root_), said_(run, {.item_field = "address"}) {}

    /// Of many, those that are there are not told.
    void attempt(const std::string& name, bool tells_all, const std::function<mailbox()>& get) {
        try {
            const auto became = make(get());
            tally_.succeeded();
            const bool lacked_it = became != making::there;
            is_due_ = is_due_ || lacked_it;
            if (tells_all || lacked_it) said_.done(name, {.word = word_for(became), .changed = lacked_it && !is_dry()});
        } catch (const error& e) {
            tally_.failed(e);
            said_.failed(name, e);
        }
    }

    bool is_over() const { return tally_.stopped() || was_interrupted(); }

    int finish() {
        said_.finish(is_due_ && !is_dry());
        const int status = tally_.status();
        return status == 0 && is_dry() && is_due_ && run_.flags().detailed_exit_status ? changes_pending : status;
    }

private:
    static constexpr int changes_pending = 2;

    bool is_dry() const { return run_.flags().dry_run; }

    std::string_view word_for(making m) const {
        if (m == making::there) return "there";
        if (is_dry()) return "due";
        return m == making::made ? "made" : "completed";
    }

    making make(const mailbox& m) const {
        const auto place = place_of(m, root_);
        if (is_dry()) return store_.find(place) ? making::there : making::made;
        return make_maildir(store_, place, form_for(m));
    }

    mail_store::maildir_form form_for(const mailbox& m) const {
        auto form = form_;
        if (m.quota && !m.quota->unlimited() && c_.quota_dialect == quota_dialect::maildir) form.quota = m.quota->to_attribute(quota_dialect::maildir);
        return form;
    }

    invocation& run_;
    const configuration& c_;
    mail_store::maildir_form form_;
    std::string root_;
    mail_store::store store_;
    report said_;
    tally tally_{};
    bool is_due_ = false; ///< there was one without
};

void make_named(invocation& run, maildir_maker& maker, const target_flags& targets) {
    for (const auto& item : collect_work<mailbox>(run, targets, false)) {
        maker.attempt(item.target.text, true, [&] { return item.fetch(run.directory(), false).value; });
        if (maker.is_over()) return;
    }
}

void make_all(invocation& run, maildir_maker& maker, const std::optional<std::string>& domain) {
    list_options options{.filter = ldap::filter::all_of({ldap::filter::equal(schema::attr::create_maildir, "TRUE"), ldap::filter::equal(schema::attr::account_active, "TRUE")})};
    if (domain) options.domain = domain_name::parse(*domain);
    run.directory().for_each<mailbox>(
        options,
        [&](stored<mailbox>&& m) {
            if (was_interrupted()) throw error(error_kind::interrupted, "interrupted: what was made is there");
            maker.attempt(m->address.text(), false, [&] { return m.value; });
        },
        [&](unreadable_entry&& bad) { run.err().warning(bad.sentence); });
}

/// What root alone may read, as the password of the connection, is read before root is given up.
int make_maildirs(invocation& run, const maildir_flags& flags) {
    require_own_mail_home(run);
    const bool names_some = !flags.targets.names.empty() || flags.targets.filter;
    if (names_some && flags.domain) throw error(error_kind::usage, "--domain is about all its mailboxes: give names, --filter or --domain");
    const auto& c = run.configuration();
    auto form = form_of(c, flags);
    const auto owner = owner_of_mail(c);
    if (::geteuid() != 0) mail_store::become(owner); // which says at once who may
    run.session();
    mail_store::become(owner);
    remember_interrupts();
    maildir_maker maker(run, std::move(form));
    if (names_some) make_named(run, maker, flags.targets);
    else make_all(run, maker, flags.domain);
    return maker.finish();
}

} // namespace

void add_maildir_verb(command_tree& tree, CLI::App& noun) {
    tree.add_verb<maildir_flags>(
        noun, "make-maildir", "Make the Maildirs of mailboxes, of all that want one or of some, where there is none", "mailctl mailbox make-maildir -q",
        [](CLI::App& verb, maildir_flags& flags) {
            add_target_flags<mailbox>(verb, flags.targets);
            verb.add_option("--domain", flags.domain, "all of this domain that want one")->type_name("DOMAIN");
            verb.add_option("--folders", flags.folders, "beside the INBOX, separated by commas: Drafts,Sent,Trash,Junk (maildir-folders in mailctl.conf)")->type_name("NAMES")->delimiter(',')->allow_extra_args(false);
            verb.add_option("--mode", flags.mode, "of the folders; 750 lets the group of the mail look, 770 write (maildir-mode)")->check(CLI::IsMember({"700", "750", "770"}))->option_text("700|750|770");
        },
        make_maildirs);
}

} // namespace vmail::tools
