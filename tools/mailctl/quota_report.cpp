#include "quota_report.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <cli/ordering.hpp>
#include <cli/prometheus_file.hpp>

#include "entity_verbs.hpp"

#include "usage_flags.hpp"

namespace vmail::tools {

namespace {

struct quota_report_flags {
    std::optional<std::string> domain{}, over{}, prometheus{};
    bool each = false;
    order_flags order{};
    usage_flags usage{};
};

/// What is shown of a mailbox.
struct measured {
    const stored<mailbox>& box;
    const mail_usage& mail;
    std::string_view status;
};

std::int64_t number(std::uint64_t n) { return static_cast<std::int64_t>(std::min<std::uint64_t>(n, std::numeric_limits<std::int64_t>::max())); }

value number_or_nothing(const std::optional<std::uint64_t>& n) { return n ? value{number(*n)} : value{}; }

/// The directory's word holds; where it leaves it to the daemons, what they have noted does.
std::optional<quota> limit_of(const measured& m) { return m.box->quota ? m.box->quota : m.mail.limit; }

std::optional<std::uint64_t> percent(const std::optional<std::uint64_t>& most, std::uint64_t used) {
    if (!most || *most == 0) return std::nullopt;
    constexpr std::uint64_t greatest = std::numeric_limits<std::int64_t>::max() / 100 - 1; // of quotas, so that no product is too great
    const std::uint64_t whole = std::min(used / *most, greatest), rest = used % *most;
    return whole * 100 + (*most > greatest ? rest / (*most / 100) : rest * 100 / *most);
}

/// Of bytes or of messages, whichever is nearer to its end. Nothing: there is no limit, or nobody knows.
std::optional<std::uint64_t> percent(const measured& m) {
    const auto limit = limit_of(m);
    if (!limit || !m.mail.size) return std::nullopt;
    return std::max(percent(limit->bytes(), m.mail.size->bytes), percent(limit->messages(), m.mail.size->messages)); // nothing is less than any
}

/// Of what has no size or no quota nobody can say.
bool uses(const measured& m, std::uint64_t percents) {
    const auto used = percent(m);
    return used && *used >= percents;
}

struct report_field {
    std::string_view name;
    bool in_lists;
    value (*get)(const measured&);
};

value nonsense_or(const measured& m, value v) { return m.box->has_problem(schema::attr::quota) ? value{nonsense{}} : v; }

constexpr std::array fields = {
    report_field{"address", true, [](const measured& m) -> value { return m.box->address.text(); }},
    report_field{"status", true, [](const measured& m) -> value { return std::string(m.status); }},
    report_field{"quota", true, [](const measured& m) { return nonsense_or(m, m.box->quota ? m.box->quota->text() : "domain"); }},
    report_field{"used", true, [](const measured& m) { return m.mail.size ? value{approximate_size(m.mail.size->bytes)} : value{}; }},
    report_field{"percent", true, [](const measured& m) { return number_or_nothing(percent(m)); }},
    report_field{"told_by", true, [](const measured& m) { return m.mail.size_told_by.empty() ? value{} : value{std::string(m.mail.size_told_by)}; }},
    report_field{"used_bytes", false, [](const measured& m) { return m.mail.size ? value{number(m.mail.size->bytes)} : value{}; }},
    report_field{"used_messages", false, [](const measured& m) { return m.mail.size ? value{number(m.mail.size->messages)} : value{}; }},
    report_field{"quota_bytes", false, [](const measured& m) { return number_or_nothing(m.box->quota ? m.box->quota->bytes() : std::nullopt); }},
    report_field{"limit_bytes", false, [](const measured& m) { return number_or_nothing(limit_of(m) ? limit_of(m)->bytes() : std::nullopt); }},
};

const report_field& field_named(std::string_view name) { return *std::find_if(fields.begin(), fields.end(), [&](const report_field& f) { return f.name == name; }); }

/// What is written for people is sorted by the number behind it.
value key_of(std::string_view name, const measured& m) { return sort_key(name, field_named(name == "used" ? "used_bytes" : name).get(m)); }

/// "90%", and "90" as well.
std::uint64_t parse_percent(std::string text) {
    if (text.ends_with('%')) text.pop_back();
    if (text.empty() || text.size() > 6 || !ascii::is_digits(text)) throw invalid_value(fmt::format("--over takes a part of the quota, as in 90%, not {}", vmail::quoted(text)));
    return std::stoull(text);
}

// ---- where it goes

class listener {
public:
    virtual ~listener() = default;
    virtual void take(const measured& m) = 0;
    virtual void finish() = 0;
};

class row_writer : public listener {
public:
    row_writer(invocation& run, const order_flags& order) : run_(run), order_(order), out_(make_output(run.format(), table_shape::rows, run.out(), run.flags().verbose)) {
        std::vector<std::string_view> all, in_lists;
        for (const auto& f : fields) {
            all.push_back(f.name);
            if (f.in_lists) in_lists.push_back(f.name);
        }
        names_ = choose_fields(all, in_lists, run.flags().fields, run.format(), table_shape::rows);
        sort_ = parse_sort(order.sort, all);
        out_->announce(names_);
        rows_ = std::make_unique<ordered_rows>(*out_, sort_, order.limit ? parse_most_shown(*order.limit) : std::nullopt);
    }

    void take(const measured& m) override {
        record r;
        for (const auto name : names_) r.push_back({name, field_named(name).get(m)});
        std::vector<value> keys;
        for (const auto& s : sort_) keys.push_back(key_of(s.name, m));
        rows_->add(std::move(r), std::move(keys), &m.box.source);
        if (run_.out().is_broken()) throw reader_has_gone{};
    }

    void finish() override {
        rows_->flush();
        out_->finish();
        warn_of_limit(run_, *rows_, order_);
    }

private:
    invocation& run_;
    const order_flags& order_;
    std::unique_ptr<output> out_;
    std::vector<std::string_view> names_{};
    std::vector<sort_field> sort_{};
    std::unique_ptr<ordered_rows> rows_{};
};

/// Numbers of domains, and where it is wanted of each mailbox. What is written of mailboxes last waits in a file, and not in memory.
class metric_writer : public listener {
public:
    metric_writer(const std::string& path, bool each, std::optional<std::uint64_t> over) : file_(path), each_(each), over_(over.value_or(90)) {
        if (!each_) return;
        later_.reset(std::tmpfile());
        if (!later_) throw error(error_kind::configuration, fmt::format("cannot make a temporary file: {}", system_reason()));
        file_.begin("mailbox_used_bytes", "Mail of a mailbox.");
    }

    void take(const measured& m) override {
        domain_sums& sums = domains_[m.box->address.domain().text()];
        if (!m.mail.size) return void(++sums.not_measured);
        sums.used = add_saturating(sums.used, m.mail.size->bytes);
        if (uses(m, over_)) ++sums.over;
        if (each_) take_mailbox(m);
    }

    void finish() override {
        if (each_) write_later();
        write_sums("quota_used_bytes", "Mail of mailboxes together.", &domain_sums::used);
        write_sums("quota_mailboxes_over", fmt::format("Mailboxes that use {}% of their quota, or more.", over_), &domain_sums::over);
        write_sums("quota_mailboxes_not_measured", "Mailboxes whose mail is not in mailctl_quota_used_bytes.", &domain_sums::not_measured);
        file_.add_one("quota_report_timestamp_seconds", "When this was measured.", timestamp::now().epoch());
        file_.commit();
    }

private:
    struct domain_sums {
        std::uint64_t used = 0, over = 0, not_measured = 0;
    };
    struct close_file {
        void operator()(std::FILE* f) const noexcept { std::fclose(f); }
    };

    void take_mailbox(const measured& m) {
        const std::string label = prometheus_file::label("mailbox", m.box->address.text());
        file_.add(label, m.mail.size->bytes);
        const auto limit = limit_of(m);
        if (!limit || !limit->bytes()) return;
        if (std::fputs(fmt::format("{} {}\n", *limit->bytes(), label).c_str(), later_.get()) < 0) cannot_keep();
    }

    void write_later() {
        file_.begin("mailbox_quota_bytes", "Quota of a mailbox.");
        std::rewind(later_.get());
        char* line = nullptr;
        std::size_t room = 0;
        for (ssize_t size = 0; (size = ::getline(&line, &room, later_.get())) > 0;) {
            const std::string_view text(line, static_cast<std::size_t>(size) - 1);
            const std::size_t blank = text.find(' ');
            file_.add(text.substr(blank + 1), std::stoull(std::string(text.substr(0, blank))));
        }
        std::free(line);
        if (std::ferror(later_.get()) != 0) cannot_keep();
    }

    [[noreturn]] static void cannot_keep() { throw error(error_kind::unavailable, fmt::format("cannot use a temporary file: {}", system_reason())); }

    void write_sums(std::string_view name, const std::string& help, std::uint64_t domain_sums::*sum) {
        file_.begin(name, help);
        for (const auto& [domain, sums] : domains_) file_.add(prometheus_file::label("domain", domain), sums.*sum);
    }

    prometheus_file file_;
    bool each_;
    std::uint64_t over_;
    std::unique_ptr<std::FILE, close_file> later_{};
    std::map<std::string, domain_sums> domains_{};
};

// ---- the look

class quota_look {
public:
    quota_look(invocation& run, const quota_report_flags& flags, listener& hear)
        : hear_(hear), look_(run, flags.usage, {.size = true}), view_(run.directory()) {
        if (flags.over && !flags.prometheus) over_ = parse_percent(*flags.over);
        if (flags.domain) domain_ = domain_name::parse(*flags.domain);
    }

    int carried_out() {
        const int status = look_.each(domain_, [&](stored<mailbox>&& m) { ask(std::make_shared<stored<mailbox>>(std::move(m))); });
        hear_.finish();
        return status;
    }

private:
    /// It is told later, where many are asked about at once.
    void ask(std::shared_ptr<stored<mailbox>> m) {
        const auto& box = m->value;
        look_.meter().add(box, [this, m = std::move(m)](const mail_usage& u) {
            look_.hear((*m)->address, u);
            const measured found{*m, u, view_.service(m->value).why};
            if (!over_ || uses(found, *over_)) hear_.take(found);
        });
    }

    listener& hear_;
    usage_look look_;
    viewpoint view_;
    std::optional<std::uint64_t> over_{};
    std::optional<domain_name> domain_{};
};

std::unique_ptr<listener> listener_of(invocation& run, const quota_report_flags& flags) {
    if (!flags.prometheus) return std::make_unique<row_writer>(run, flags.order);
    return std::make_unique<metric_writer>(*flags.prometheus, flags.each, flags.over ? std::optional(parse_percent(*flags.over)) : std::nullopt);
}

/// What would be ignored is refused.
void require_sense(const quota_report_flags& flags, const global_flags& common) {
    const bool shapes_rows = !common.fields.empty() || common.output != "table" || !flags.order.sort.empty() || flags.order.limit;
    if (flags.prometheus && shapes_rows) throw error(error_kind::usage, "--prometheus has a format of its own");
}

int report_quotas(invocation& run, const quota_report_flags& flags) {
    require_sense(flags, run.flags());
    const auto hear = listener_of(run, flags);
    try {
        return quota_look(run, flags, *hear).carried_out();
    } catch (const reader_has_gone&) {
        return 0;
    }
}

} // namespace

void add_quota_report(command_tree& tree, CLI::App& noun) {
    tree.add_verb<quota_report_flags>(
        noun, "report", "Show how much mailboxes hold", "mailctl quota report --over 90% --sort -percent",
        [](CLI::App& verb, quota_report_flags& flags) {
            verb.add_option("--domain", flags.domain, "of this domain alone")->type_name("DOMAIN");
            verb.add_option("--over", flags.over, "those that use so much of their quota, or more; with --prometheus, those that are counted as such (90%)")->type_name("PERCENT");
            add_size_flags(verb, flags.usage);
            add_order_flags(verb, flags.order);
            auto* const prometheus = verb.add_option("--prometheus", flags.prometheus, "sums of domains into this file, whole or not at all, as its node exporter reads it")->type_name("FILE");
            verb.add_flag("--each", flags.each, "each mailbox, too")->needs(prometheus);
        },
        report_quotas);
}

} // namespace vmail::tools
