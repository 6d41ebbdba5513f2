#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include <sys/mman.h>

namespace vmail::nis {

/// For the few vectors that grow to hundreds of megabytes: asks for huge pages, of which the kernel has 512 times fewer to hand out, and leaves elements that are
/// only made room for as they are.
template <typename Value>
class page_allocator {
public:
    using value_type = Value;

    page_allocator() noexcept = default;
    template <typename Other>
    page_allocator(const page_allocator<Other>&) noexcept {}

    Value* allocate(std::size_t count) {
        const std::size_t bytes = count * sizeof(Value);
        if (bytes < smallest) return std::allocator<Value>().allocate(count);
        auto* const memory = static_cast<Value*>(::operator new(bytes, std::align_val_t(huge_page)));
        ::madvise(memory, bytes, MADV_HUGEPAGE); // a kernel without them goes on with small ones
        return memory;
    }
    void deallocate(Value* memory, std::size_t count) noexcept {
        if (count * sizeof(Value) < smallest) return std::allocator<Value>().deallocate(memory, count);
        ::operator delete(memory, std::align_val_t(huge_page));
    }

    template <typename Other>
    void construct(Other* at) noexcept {
        ::new (static_cast<void*>(at)) Other;
    }
    template <typename Other, typename... Arguments>
    void construct(Other* at, Arguments&&... arguments) {
        std::construct_at(at, std::forward<Arguments>(arguments)...);
    }

    friend bool operator==(const page_allocator&, const page_allocator&) noexcept { return true; }

private:
    static constexpr std::size_t huge_page = 2 * 1024 * 1024;
    static constexpr std::size_t smallest = 2 * huge_page;
};

template <typename Value>
using page_vector = std::vector<Value, page_allocator<Value>>;

} // namespace vmail::nis
