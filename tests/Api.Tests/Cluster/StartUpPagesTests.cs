using System.Globalization;
using GpuMem.Api.Cluster;

namespace GpuMem.Api.Tests.Cluster;

/// <summary>What was needed to start is given back, and nothing that is still needed is lost.</summary>
public sealed class StartUpPagesTests
{
    [Fact]
    public void Pages_of_files_that_are_not_looked_at_are_no_longer_the_process_s_own()
    {
        // Whatever ran before has read it.
        var before = PagesOfFiles();
        StartUpPages.GiveBack();
        var after = PagesOfFiles();
        Assert.InRange(after, 1, before - 1);
    }

    [Fact]
    public void Only_what_is_the_same_in_its_file_is_given_back()
    {
        const string smaps = """
            00200000-00400000 r--p 00000000 fe:00 101                                /usr/bin/gpumem
            Rss:                9000 kB
            Anonymous:             0 kB
            VmFlags: rd mr mw me sd
            00400000-00900000 r-xp 00200000 fe:00 101                                /usr/bin/gpumem
            Anonymous:             0 kB
            00900000-00a00000 rw-p 00700000 fe:00 101                                /usr/bin/gpumem
            Anonymous:             0 kB
            00a00000-00b00000 rw-p 00000000 00:00 0
            Anonymous:             0 kB
            7f0000000000-7f0000001000 r--p 00000000 fe:00 102                        /usr/lib/with a blank/libcrypto.so.3
            Anonymous:             4 kB
            7f0000001000-7f0000003000 r-xs 00000000 00:01 103                        /memfd:code (deleted)
            Anonymous:             0 kB
            7f0000003000-7f0000004000 r--p 00000000 00:00 0                          [vvar]
            Anonymous:             0 kB
            ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
            Anonymous:             0 kB
            """;
        Assert.Equal([(0x200000, 0x200000), (0x400000, 0x500000)], StartUpPages.OfFiles(smaps.Split('\n')));
    }

    private static long PagesOfFiles() => long.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith("RssFile:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
}
