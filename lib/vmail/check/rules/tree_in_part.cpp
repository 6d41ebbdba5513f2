#include <fmt/format.h>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/standing.hpp>

namespace vmail::check {

namespace {

class part : public comparison {
public:
    explicit part(const context& around) : around_(around) {}
    bool looks_elsewhere() const override { return false; }
    void gather(const sight&) override {}
    bool settle(const telling& tell) override {
        if (!around_.sees_all())
            tell.unknown(around_.who.name, fmt::format("only {} can be seen: what has to be compared over the whole tree was compared there alone", list_of(around_.who.domains)));
        return false;
    }

private:
    const context& around_;
};

} // namespace

const rule tree_in_part{{"tree-in-part", severity::unknown, reach::tree, repair::none,
                         "Whom the server knows us as sees some domains, or some attributes, and no more: an address, a folder or a login may be somebody's elsewhere as well."},
                        nullptr, nullptr, make<part>};

} // namespace vmail::check
