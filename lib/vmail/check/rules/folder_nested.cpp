#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_set>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

class nested_folders : public comparison {
public:
    void gather(const sight& e) override {
        const auto& folder = e.folder();
        if (folder.empty()) return;
        folders_.push_back(ascii::ihash(folder));
        // In the order of a tree one comes after another of the same parent.
        const std::string_view parent = std::string_view(folder).substr(0, folder.rfind('/'));
        if (parent == last_parent_) return;
        last_parent_ = parent;
        for (std::size_t slash = folder.find('/', 1); slash != std::string::npos; slash = folder.find('/', slash + 1)) above_.insert(ascii::ihash(folder.substr(0, slash)));
    }
    bool settle(const telling&) override {
        std::deque<std::size_t> around;
        std::copy_if(folders_.begin(), folders_.end(), std::back_inserter(around), [&](std::size_t f) { return above_.contains(f); });
        std::sort(around.begin(), around.end());
        folders_.swap(around);
        above_.clear();
        return !folders_.empty();
    }
    void look_again(const sight& e, const telling& tell) override {
        const auto& folder = e.folder();
        if (!folder.empty() && std::binary_search(folders_.begin(), folders_.end(), ascii::ihash(folder)))
            tell(e, fmt::format("the folder {} has those of other mailboxes in it", vmail::quoted(folder)));
    }
    ldap::filter accused() const override { return ldap::filter::equal(schema::attr::object_class, schema::cls::account); }
    std::vector<std::string_view> reads() const override { return {schema::attr::vd_home, schema::attr::mailbox}; }

private:
    std::deque<std::size_t> folders_;
    std::unordered_set<std::size_t> above_;
    std::string last_parent_;
};

} // namespace

const rule folder_nested{{"folder-nested", severity::error, reach::tree, repair::none,
                          "The folder of a mailbox lies in that of another: it is read, and removed, with that one."},
                         nullptr, nullptr, make<nested_folders>};

} // namespace vmail::check
