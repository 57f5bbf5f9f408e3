/* SPDX-License-Identifier: MIT */
/* RCBUF_TIMELINE: this program once more, with the variable set, as one that knows nothing of
 * it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "rc/memory.h"
#include "tests/child.h"
#include "tests/rc/timeline_support.h"

#define TOLD "TIMELINE_CHILD" /* what the other one is to do */

static struct csv csv;

/* ---- what it does ---------------------------------------------------------------------------- */

static void use_memory(void)
{
    void *block = rc_memory_allocate(1000);
    rc_timeline_mark("at work");
    rc_memory_free(block);
}

/* Its own child ends by exit() before it does, and again with a timeline of its own. */
static void fork_twice(void)
{
    for (int i = 0; i < 2; i++) {
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            if (i && rc_timeline_start() != RC_OK) _exit(1);
            rc_memory_free(rc_memory_allocate(5000000));
            exit(0);
        }
        int status = -1;
        if (waitpid(child, &status, 0) != child || status != 0) _exit(2);
    }
    use_memory();
}

static void start_too(void)
{
    if (rc_timeline_start() != RC_BUSY) _exit(3);
    use_memory();
    rc_timeline_stop();
    rc_memory_free(rc_memory_allocate(5000000));
}

/* Daemons do so, and then the number is another file's. */
static void close_all(void)
{
    for (int i = 3; i < 64; i++) close(i);
    if (chdir("/") != 0) _exit(4);
    use_memory();
}

static void take_the_folder_away(void)
{
    use_memory();
    if (remove("run.csv") != 0 || rmdir(getenv("TIMELINE_FOLDER")) != 0) _exit(5);
}

static void print(void)
{
    use_memory();
    puts("printed");
}

static const struct {
    const char *name;
    void (*run)(void);
} roles[] = {
    {"print", print},         {"use memory", use_memory},
    {"fork", fork_twice},     {"start too", start_too},
    {"close all", close_all}, {"take the folder away", take_the_folder_away},
};

/* Instead of main(), and after the library's own constructors. */
static __attribute__((constructor(201))) void be_told(void)
{
    const char *told = getenv(TOLD);
    for (size_t i = 0; told && i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(told, roles[i].name) != 0) continue;
        roles[i].run();
        exit(0);
    }
}

/* ---- running it ------------------------------------------------------------------------------ */

static char folder[] = "/tmp/rcbuf_timeline_XXXXXX";

struct program {
    const char *role, *timeline;
    void (*prepare)(void); /* in the folder, before it begins; NULL: nothing */
};

static void run_program(void *context)
{
    const struct program *program = context;
    char self[4096] = "";
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) _exit(126);
    setenv(TOLD, program->role, 1);
    setenv("RCBUF_TIMELINE", program->timeline, 1);
    setenv("TIMELINE_FOLDER", folder, 1);
    if (chdir(folder) != 0) _exit(126);
    if (program->prepare) program->prepare();
    execl(self, "program", (char *)NULL);
    _exit(127);
}

/* It ended well, and said so much. */
static struct child_result result_of_prepared(void (*prepare)(void), const char *role,
                                              const char *timeline)
{
    struct program program = {role, timeline, prepare};
    struct child_result result = child_run(run_program, &program);
    ck_assert_msg(WIFEXITED(result.status), "it was ended by a signal: %s", result.output);
    ck_assert_msg(WEXITSTATUS(result.status) == 0 || WEXITSTATUS(result.status) == 127,
                  "it ended with %d: %s", WEXITSTATUS(result.status), result.output);
    return result;
}

static struct child_result result_of(const char *role, const char *timeline)
{
    return result_of_prepared(NULL, role, timeline);
}

/* This program cannot be run once more here: an emulator runs it. */
static bool was_run(const struct child_result *result)
{
    if (WEXITSTATUS(result->status) != 127) return true;
    puts("skipped: RCBUF_TIMELINE: this program does not start itself here");
    return false;
}

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

/* The one file that there is in the folder, which goes with it. */
static void read_file(const char *name)
{
    static char path[300], text[1 << 20];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "there is no %s", path);
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    remove(path);
    ck_assert_int_eq(rmdir(folder), 0);
    csv_read(&csv, text);
}

static void assert_work(void)
{
    ck_assert_uint_eq(csv.count, 3);
    ck_assert_str_eq(csv.rows[1].mark, "at work");
    ck_assert_uint_eq(csv.rows[1].live, csv.rows[0].live + 1000);
    ck_assert_uint_eq(csv.rows[2].live, csv.rows[0].live);
    ck_assert_uint_eq(csv_peak(&csv), csv.rows[1].live);
}

static void expect_file(const char *role, const char *timeline, const char *name)
{
    make_folder();
    struct child_result result = result_of(role, timeline);
    if (!was_run(&result)) {
        rmdir(folder);
        return;
    }
    ck_assert_str_eq(result.output, "");
    read_file(name);
    assert_work();
}

START_TEST(a_program_that_knows_nothing_of_it_writes_its_timeline)
{
    expect_file("use memory", "run.csv", "run.csv");
}
END_TEST

START_TEST(the_child_of_a_fork_writes_nothing)
{
    expect_file("fork", "run.csv", "run.csv");
}
END_TEST

START_TEST(a_program_that_starts_and_stops_one_does_so_to_this)
{
    expect_file("start too", "run.csv", "run.csv");
}
END_TEST

START_TEST(a_program_may_close_all_files_and_go_elsewhere)
{
    expect_file("close all", "./run.csv", "run.csv");
}
END_TEST

START_TEST(the_number_of_the_process_stands_for_a_percent_p)
{
    make_folder();
    struct child_result result = result_of("use memory", "%p");
    if (!was_run(&result)) {
        rmdir(folder);
        return;
    }
    char command[100], name[40] = "";
    snprintf(command, sizeof command, "ls %s", folder);
    FILE *list = popen(command, "r");
    ck_assert(list && fgets(name, sizeof name, list));
    pclose(list);
    name[strcspn(name, "\n")] = '\0';
    ck_assert_msg(name[0] && strspn(name, "0123456789") == strlen(name), "no number: %s", name);
    read_file(name);
    assert_work();
}
END_TEST

/* The program runs all the same, and says one line. */
static void expect_line(const char *role, const char *timeline, const char *line)
{
    struct child_result result = result_of(role, timeline);
    if (was_run(&result)) ck_assert_str_eq(result.output, line);
}

START_TEST(a_file_that_cannot_be_opened_is_told_at_once)
{
    make_folder();
    expect_line("use memory", "/nonexistent/run.csv",
                "rcbuf: RCBUF_TIMELINE: /nonexistent/run.csv: No such file or directory\n");
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static void fill_the_disk(void)
{
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0});
}

START_TEST(a_full_disk_is_told_at_the_end)
{
    make_folder();
    char file[60], line[200];
    snprintf(file, sizeof file, "%s/run.csv", folder);
    snprintf(line, sizeof line,
             "rcbuf: RCBUF_TIMELINE: %s: the timeline was not written: File too large\n", file);
    struct child_result result = result_of_prepared(fill_the_disk, "use memory", "run.csv");
    if (was_run(&result)) ck_assert_str_eq(result.output, line);
    remove(file);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* Nobody reads it, and nobody waits for that. */
START_TEST(a_named_pipe_is_refused_at_once)
{
    make_folder();
    char file[60], line[200];
    snprintf(file, sizeof file, "%s/run.csv", folder);
    snprintf(line, sizeof line, "rcbuf: RCBUF_TIMELINE: %s: not a regular file\n", file);
    ck_assert_int_eq(mkfifo(file, 0600), 0);
    expect_line("use memory", "run.csv", line);
    remove(file);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_device_is_refused_at_once)
{
    make_folder();
    expect_line("use memory", "/dev/null",
                "rcbuf: RCBUF_TIMELINE: /dev/null: not a regular file\n");
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static void print_to_the_file(void)
{
    int descriptor = open("run.csv", O_WRONLY | O_CREAT, 0600);
    if (descriptor < 0 || dup2(descriptor, STDOUT_FILENO) < 0) _exit(126);
    if (write(descriptor, "before\n", 7) != 7) _exit(126);
    close(descriptor);
}

/* By its name, and by the one that /dev/stdout leads to. */
START_TEST(what_the_program_prints_is_not_written_over)
{
    static const char *const names[] = {"run.csv", "/proc/self/fd/1"};
    for (int i = 0; i < 2; i++) {
        if (i > 0 && access("/proc/self/fd", X_OK) != 0) continue;
        strcpy(folder + sizeof folder - sizeof "XXXXXX", "XXXXXX");
        make_folder();
        char file[60], line[200], text[100] = "";
        snprintf(file, sizeof file, "%s/run.csv", folder);
        snprintf(line, sizeof line,
                 "rcbuf: RCBUF_TIMELINE: %s: standard input, output or error of the program\n",
                 i > 0 ? names[i] : file);
        struct child_result result = result_of_prepared(print_to_the_file, "print", names[i]);
        FILE *printed = fopen(file, "r");
        ck_assert(printed && fread(text, 1, sizeof text - 1, printed) > 0);
        fclose(printed);
        remove(file);
        ck_assert_int_eq(rmdir(folder), 0);
        if (!was_run(&result)) return;
        ck_assert_str_eq(result.output, line);
        ck_assert_str_eq(text, "before\nprinted\n");
    }
}
END_TEST

static void remove_the_folder(void)
{
    if (rmdir(folder) != 0) _exit(126);
}

START_TEST(a_folder_that_is_not_known_is_told)
{
    make_folder();
    struct child_result result = result_of_prepared(remove_the_folder, "use memory", "run.csv");
    if (was_run(&result))
        ck_assert_str_eq(result.output, "rcbuf: RCBUF_TIMELINE: the folder of the program is not "
                                        "known: No such file or directory\n");
}
END_TEST

START_TEST(a_name_that_is_too_long_is_told)
{
    static char name[10000];
    memset(name, 'x', sizeof name - 1);
    make_folder();
    struct child_result result = result_of("use memory", name);
    if (was_run(&result))
        ck_assert_ptr_nonnull(
            strstr(result.output, "rcbuf: RCBUF_TIMELINE: the name of the file is too long: xxx"));
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_folder_that_went_away_is_told_at_the_end)
{
    make_folder();
    char file[60], line[200];
    snprintf(file, sizeof file, "%s/run.csv", folder);
    snprintf(line, sizeof line, "rcbuf: RCBUF_TIMELINE: %s: No such file or directory\n", file);
    expect_line("take the folder away", file, line);
    rmdir(folder);
}
END_TEST

START_TEST(an_empty_name_is_none)
{
    make_folder();
    expect_line("use memory", "", "");
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

HARNESS_MAIN("rc/timeline_environment", a_program_that_knows_nothing_of_it_writes_its_timeline,
             the_child_of_a_fork_writes_nothing,
             a_program_that_starts_and_stops_one_does_so_to_this,
             a_program_may_close_all_files_and_go_elsewhere,
             the_number_of_the_process_stands_for_a_percent_p,
             a_file_that_cannot_be_opened_is_told_at_once, a_full_disk_is_told_at_the_end,
             a_named_pipe_is_refused_at_once, a_device_is_refused_at_once,
             what_the_program_prints_is_not_written_over, a_folder_that_is_not_known_is_told,
             a_name_that_is_too_long_is_told, a_folder_that_went_away_is_told_at_the_end,
             an_empty_name_is_none)
