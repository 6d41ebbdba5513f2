#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/list_shape.hpp>
#include <vmail/mailing_list.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

constexpr std::uint16_t all_services = (1U << list_shape::service_suffixes.size()) - 1;

std::optional<std::size_t> index_of_service(std::string_view local) {
    const auto suffix = list_shape::suffix_of(local);
    if (!suffix) return std::nullopt;
    const auto it = std::find(list_shape::service_suffixes.begin(), list_shape::service_suffixes.end(), *suffix);
    return static_cast<std::size_t>(it - list_shape::service_suffixes.begin());
}

/// Of the many aliases that lead to another domain under their own name, those that have service addresses beside them.
class lists : public comparison {
public:
    bool looks_elsewhere() const override { return false; }
    void gather(const sight& e) override {
        if (!e.is_told()) return;
        if (const auto* const m = e.mailbox()) mailboxes_.push_back(ascii::ihash(m->address.key()));
        if (const auto* const a = e.alias()) note(e, *a);
    }

    bool settle(const telling& tell) override {
        std::sort(public_.begin(), public_.end());
        std::sort(mailboxes_.begin(), mailboxes_.end());
        for (const auto& [name, list] : found_)
            if (is_list(name, list) && is_incomplete(name, list)) tell.about(name, fmt::format("the mailing list {} has not all of its addresses", printable(name)));
        found_.clear();
        return false;
    }

private:
    struct seen {
        std::uint16_t services = 0;
        bool is_marked = false, differs = false;
        std::string leads_to{};
    };

    void note(const sight& e, const alias& a) {
        const bool is_marked = e.entry.has_class(schema::cls::mailing_list);
        const auto leads_to = mailing_list::lists_domain_of(a);
        if (!leads_to && !is_marked) return;
        const auto service = index_of_service(a.address.local_part());
        if (service && !is_marked) return note_service(a, *service, *leads_to);
        public_.push_back(ascii::ihash(a.address.key()));
        if (is_marked) found_[a.address.key()].is_marked = true;
        if (is_marked && leads_to) found_[a.address.key()].leads_to = leads_to->text();
    }

    void note_service(const alias& a, std::size_t service, const domain_name& leads_to) {
        const std::string& local = a.address.local_part();
        seen& list = found_[address::make(local.substr(0, local.size() - list_shape::service_suffixes.at(service).size()), a.address.domain()).key()];
        if (list.leads_to.empty()) list.leads_to = leads_to.text();
        else if (list.leads_to != leads_to.text()) list.differs = true;
        list.services |= static_cast<std::uint16_t>(1U << service);
    }
    static bool has(const std::deque<std::size_t>& sorted, const std::string& name) { return std::binary_search(sorted.begin(), sorted.end(), ascii::ihash(name)); }
    /// Aliases beside a mailbox that look like a list's are none.
    bool is_list(const std::string& name, const seen& list) const {
        return list.is_marked || (static_cast<std::size_t>(std::popcount(list.services)) >= mailing_list::least_services && !has(mailboxes_, name));
    }
    bool is_incomplete(const std::string& name, const seen& list) const {
        return list.services != all_services || list.differs || !has(public_, name);
    }

    std::unordered_map<std::string, seen> found_;
    std::deque<std::size_t> public_, mailboxes_;
};

} // namespace

// Nobody but a person knows whether it is a list at all, and whether it was half made or half removed.
const rule list_incomplete{{"list-incomplete", severity::warning, reach::tree, repair::none,
                            "A mailing list has not all of its addresses, as its list server answers at them: it was half made, half removed or half renamed."},
                           nullptr, nullptr, make<lists>};

} // namespace vmail::check
