#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "convert.hpp"
#include "folder_writer.hpp"
#include "mbox_lock.hpp"
#include "message_stream.hpp"
#include "plan.hpp"
#include "quota_file.hpp"
#include "source_path.hpp"
#include "subscriptions.hpp"

namespace vmail::mbox {

namespace {

constexpr const char* ledger_file = "mbox2maildir-ledger";

bool same(const struct stat& a, const struct stat& b) {
    return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

class conversion {
public:
    explicit conversion(const options& o) : options_(o), owner_(o.owner.value_or(account::own())) {}

    report run() {
        const plan p = make_plan(options_, report_.found);
        require_maildir_or_room(options_.maildir, owner_);
        for (const auto& [folder, sources] : p.folders) convert_folder(folder, sources);
        finish(p);
        return std::move(report_);
    }

private:
    /// Opened when it is certain that there is something to put into it.
    void open_target() {
        if (opened_) return;
        opened_ = true;
        maildir_ = open_maildir(options_.maildir, owner_, !options_.dry_run);
        if (!maildir_) return;
        const acting_as him(owner_);
        if (!options_.dry_run) lock_maildir(*maildir_, options_.maildir, options_.lock_timeout, options_.stop);
        if (const auto text = small_file::read(*maildir_, ledger_file)) ledger_ = ledger::parse(*text);
        if (!options_.dry_run) maildir_folder::create(*maildir_, "", owner_);
    }

    const descriptor* target() const { return maildir_ ? &*maildir_ : nullptr; }

    void convert_folder(const folder_name& name, const std::vector<planned_mbox>& sources) {
        std::unique_ptr<folder_writer> writer;
        bool any = false;
        for (const planned_mbox& s : sources) any = convert_source(s, writer) || any;
        if (!any) return;
        const acting_as him(owner_);
        finish_folder(name, *writer);
    }

    void make_writer(std::unique_ptr<folder_writer>& writer, const folder_name& name) {
        if (writer) return;
        open_target();
        const acting_as him(owner_);
        writer = std::make_unique<folder_writer>(options_, target(), owner_, ledger_, name, report_.found);
    }

    /// Whether it was converted. What goes wrong with one mbox stops no other one; what goes wrong with the Maildir does.
    bool convert_source(const planned_mbox& s, std::unique_ptr<folder_writer>& writer) {
        const auto note = [&](code what, const error& e) {
            report_.found.push_back({s.source.text, what, e.what()});
            return false;
        };
        struct stat before {};
        descriptor fd;
        std::unique_ptr<mbox_lock> lock;
        std::unique_ptr<mbox_reader> reader;
        try {
            fd = open_source(s.source, before);
            lock = std::make_unique<mbox_lock>(s.source, fd.get(), lock_options{options_.lock_timeout, options_.stop, !options_.dry_run});
            if (::fstat(fd.get(), &before) != 0) throw unavailable(system_reason());
            reader = std::make_unique<mbox_reader>(fd.get(), s.source.text, options_for(options_, before));
        } catch (const conflict& e) {
            return note(code::locked, e);
        } catch (const invalid_value& e) {
            return note(code::not_mbox, e);
        } catch (const denied& e) {
            return note(code::foreign_owner, e);
        } catch (const error& e) {
            if (e.kind() == error_kind::interrupted) throw;
            return note(code::unreadable, e);
        }
        make_writer(writer, s.folder);
        return copy(s, *reader, fd, before, *writer);
    }

    bool copy(const planned_mbox& s, mbox_reader& reader, const descriptor& fd, const struct stat& before, folder_writer& writer) {
        const acting_as him(owner_);
        writer.begin_source();
        const auto forget = [&](code what, std::string text) {
            writer.forget_source();
            report_.found.push_back({s.source.text, what, std::move(text)});
            return false;
        };
        try {
            pass_messages(s, reader, writer);
        } catch (const source_failure& e) {
            return forget(e.what, e.sentence);
        }
        struct stat after {};
        if (::fstat(fd.get(), &after) != 0 || !same(before, after))
            return forget(code::changed, "its size or time is not what it was at the beginning");
        writer.keep_source(s.source.text, reader);
        return true;
    }

    struct source_failure {
        code what;
        std::string sentence;
    };

    void pass_messages(const planned_mbox& s, mbox_reader& reader, folder_writer& writer) {
        message_stream stream(reader);
        batch b;
        std::uint64_t done = reader.leading_blank();
        const auto next = [&] {
            try {
                return stream.next(b);
            } catch (const unavailable& e) {
                throw source_failure{code::changed, e.what()};
            } catch (const error& e) {
                if (e.kind() == error_kind::internal) throw;
                throw source_failure{code::unreadable, e.what()};
            }
        };
        while (next()) {
            for (const message& m : b.messages) {
                if (options_.stop && *options_.stop) throw error(error_kind::interrupted, "interrupted");
                writer.take(m);
                done += m.found.next;
            }
            if (options_.progress) options_.progress(s.source.text, done, reader.size());
        }
    }

    void finish_folder(const folder_name& name, folder_writer& writer) {
        report_.folders.push_back(writer.publish(ledger_));
        const message_counts& m = report_.folders.back().messages;
        if (writer.is_first_time()) first_time_.insert(name);
        change_.messages += m.converted;
        change_.bytes += writer.bytes_added();
        change_.resumed = change_.resumed || writer.resumed();
    }

    void write_subscriptions(const plan& p) {
        const auto& list = p.subscribed;
        std::set<folder_name> folders;
        for (const folder_name& f : first_time_)
            if (!list || list->count(f)) folders.insert(f);
        if (list)
            for (const folder_name& f : *list)
                if (!f.is_inbox() && !p.folders.count(f)) report_.found.push_back({f.imap(), code::not_subscribed, {}});
        if (options_.dry_run || folders.empty()) return;
        const acting_as him(owner_);
        const auto update = [&](const char* name, auto add) {
            const std::string before = small_file::read(*maildir_, name).value_or("");
            const std::string after = add(before, folders);
            if (after != before) small_file::write(*maildir_, name, after, small_file::safety::none);
        };
        update("subscriptions", add_to_dovecot);
        update("courierimapsubscribed", add_to_courier);
    }

    void finish(const plan& p) {
        if (report_.folders.empty()) return;
        write_subscriptions(p);
        if (options_.dry_run) return;
        const acting_as him(owner_);
        update_quota_file(*maildir_, owner_, options_.quota, change_);
        if (!ledger_.changed()) return;
        if (options_.sync) sync_all(*maildir_);
        small_file::write(*maildir_, ledger_file, ledger_.text(), options_.sync ? small_file::safety::synced : small_file::safety::none);
    }

    const options& options_;
    account owner_;
    report report_{};
    bool opened_ = false;
    std::optional<descriptor> maildir_;
    ledger ledger_;
    std::set<folder_name> first_time_;
    quota_change change_;
};

} // namespace

report convert(const options& o) { return conversion(o).run(); }

} // namespace vmail::mbox
