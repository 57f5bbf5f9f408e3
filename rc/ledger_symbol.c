/* SPDX-License-Identifier: MIT */
/* Names of addresses, from the tables of symbols of the files that they lie in. */
#define RC__LIBRARY 1
#define _GNU_SOURCE 1 /* dl_iterate_phdr */
#include "ledger_symbol.h"

#ifdef RCBUF_LEDGER

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__has_include) && defined(__ELF__)
#if __has_include(<link.h>)
#include <link.h>
#define HAS_SEGMENTS 1
#endif
#endif

#ifdef HAS_SEGMENTS

/* ---- which file ------------------------------------------------------------------------------ */

struct request {
    uintptr_t address;
    struct rc__ledger_symbol *symbol;
    bool is_thread_local;
};

static void name_module(struct rc__ledger_symbol *symbol, const char *name)
{
    ssize_t length =
        *name ? -1 : readlink("/proc/self/exe", symbol->module, sizeof symbol->module - 1);
    if (*name)
        snprintf(symbol->module, sizeof symbol->module, "%s", name);
    else
        symbol->module[length > 0 ? length : 0] = '\0';
}

static int look_in_module(struct dl_phdr_info *info, size_t size, void *context)
{
    struct request *request = context;
    bool has_tls = size >= offsetof(struct dl_phdr_info, dlpi_tls_data) + sizeof(void *);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        bool is_tls = segment->p_type == PT_TLS;
        if (is_tls) start = has_tls ? (uintptr_t)info->dlpi_tls_data : 0;
        if (!is_tls && segment->p_type != PT_LOAD) continue;
        if (request->address < start || request->address - start >= segment->p_memsz) continue;
        name_module(request->symbol, info->dlpi_name ? info->dlpi_name : "");
        request->symbol->address = request->address - (is_tls ? start : info->dlpi_addr);
        request->is_thread_local = is_tls;
        return 1;
    }
    return 0;
}

/* ---- its symbols ----------------------------------------------------------------------------- */

struct image {
    const unsigned char *bytes;
    size_t size;
};

static const void *part(const struct image *image, size_t offset, size_t size)
{
    return offset <= image->size && size <= image->size - offset ? image->bytes + offset : NULL;
}

static const ElfW(Shdr) * section(const struct image *image, size_t index)
{
    const ElfW(Ehdr) *head = part(image, 0, sizeof *head);
    if (!head || head->e_shentsize != sizeof(ElfW(Shdr)) || index >= head->e_shnum) return NULL;
    return part(image, head->e_shoff + index * sizeof(ElfW(Shdr)), sizeof(ElfW(Shdr)));
}

static bool covers(const ElfW(Sym) * symbol, int type, uintptr_t address)
{
    /* Kinds and bindings are the same in files of both widths. */
    return ELF32_ST_TYPE(symbol->st_info) == type && symbol->st_shndx != SHN_UNDEF &&
           address >= symbol->st_value && address - symbol->st_value < symbol->st_size;
}

static const char *search(const struct image *image, const ElfW(Shdr) * table, int type,
                          uintptr_t address)
{
    const ElfW(Shdr) *texts = section(image, table->sh_link);
    size_t count = table->sh_size / sizeof(ElfW(Sym));
    const ElfW(Sym) *symbols = part(image, table->sh_offset, count * sizeof(ElfW(Sym)));
    if (!texts || !symbols) return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!covers(&symbols[i], type, address) || symbols[i].st_name >= texts->sh_size) continue;
        size_t room = texts->sh_size - symbols[i].st_name;
        const char *name = part(image, texts->sh_offset + symbols[i].st_name, room);
        return name && memchr(name, '\0', room) ? name : NULL;
    }
    return NULL;
}

static void name_symbol(const struct image *image, int type, struct rc__ledger_symbol *symbol)
{
    const ElfW(Ehdr) *head = part(image, 0, sizeof *head);
    if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0) return;
    for (size_t i = 0; i < head->e_shnum && !symbol->name[0]; i++) {
        const ElfW(Shdr) *table = section(image, i);
        if (!table || (table->sh_type != SHT_SYMTAB && table->sh_type != SHT_DYNSYM)) continue;
        const char *name = search(image, table, type, symbol->address);
        if (name) snprintf(symbol->name, sizeof symbol->name, "%s", name);
    }
}

static void read_symbols(int type, struct rc__ledger_symbol *symbol)
{
    struct stat status;
    int descriptor = open(symbol->module, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    if (fstat(descriptor, &status) == 0 && status.st_size > 0) {
        size_t size = (size_t)status.st_size;
        void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (bytes != MAP_FAILED) {
            name_symbol(&(struct image){bytes, size}, type, symbol);
            munmap(bytes, size);
        }
    }
    close(descriptor);
}

static bool is_suffix(const char *text)
{
    return text[strspn(text, "0123456789")] == '\0' || strcmp(text, "lto_priv") == 0 ||
           strcmp(text, "llvm") == 0;
}

/* What compilers add so that no two static variables have one name. A function's is
 * "variable.7" by gcc, and "function.variable" or "function.variable.7" by clang. */
static void drop_suffixes(char *name)
{
    for (char *dot; (dot = strrchr(name, '.')) && dot != name && is_suffix(dot + 1);) *dot = '\0';
}

struct rc__ledger_symbol rc__ledger_symbol_find(const void *address, bool is_variable)
{
    struct rc__ledger_symbol symbol = {.module = ""};
    struct request request = {.address = (uintptr_t)address, .symbol = &symbol};
    if (!dl_iterate_phdr(look_in_module, &request)) return symbol;
    int type = !is_variable ? STT_FUNC : request.is_thread_local ? STT_TLS : STT_OBJECT;
    if (symbol.module[0]) read_symbols(type, &symbol);
    if (is_variable) drop_suffixes(symbol.name);
    return symbol;
}

#else

struct rc__ledger_symbol rc__ledger_symbol_find(const void *address, bool is_variable)
{
    (void)is_variable;
    return (struct rc__ledger_symbol){.address = (uintptr_t)address};
}

#endif
#endif
