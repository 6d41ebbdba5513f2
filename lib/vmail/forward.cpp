#include <algorithm>
#include <iterator>

#include <vmail/forward.hpp>

namespace vmail {

bool forward::keeps_copy(const address& own) const {
    return std::find(targets.begin(), targets.end(), maildrop(own)) != targets.end();
}

void forward::set_keep_copy(const address& own, bool keep) {
    if (!keep)
        targets = elsewhere(own);
    else if (!keeps_copy(own))
        targets.insert(targets.begin(), own);
}

std::vector<maildrop> forward::elsewhere(const address& own) const {
    std::vector<maildrop> others;
    std::remove_copy(targets.begin(), targets.end(), std::back_inserter(others), maildrop(own));
    return others;
}

} // namespace vmail
