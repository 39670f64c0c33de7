using System.Globalization;
using System.Runtime.InteropServices;

namespace GpuMem.Api.Cluster;

/// <summary>Pages of the executable and its libraries that the process needed to start, and not since.</summary>
public static partial class StartUpPages
{
    // Of Linux' mman-common.h: the system may take the pages first of all, and they are no longer the process's own until it looks at them again.
    private const int Cold = 20;
    private const int DoNotNeed = 4;

    /// <summary>
    /// Gives them back to the node: they come from their files again when they are needed. More than half of the memory of a webhook or operator that had just
    /// started were pages of files that nobody writes: each that is touched brings its fifteen neighbours along (Linux, mm/memory.c, fault_around_bytes).
    /// </summary>
    public static void GiveBack()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            foreach (var (start, length) in OfFiles(File.ReadLines("/proc/self/smaps")))
            {
                _ = Advise(start, length, Cold);
                _ = Advise(start, length, DoNotNeed);
            }
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            // Without /proc, or that call, the pages stay.
        }
    }

    /// <summary>Where pages are what their file holds: nobody may write them, and nobody has, as the loader does before it makes a part of a library read-only.</summary>
    /// <param name="smaps">Lines of <c>/proc/PID/smaps</c> (proc_pid_smaps(5)).</param>
    internal static IEnumerable<(nint Start, nint Length)> OfFiles(IEnumerable<string> smaps)
    {
        (nint Start, nint Length)? mapping = null;
        foreach (var line in smaps)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [var range, ['r', '-', _, 'p'], _, _, var inode, ..])
                mapping = inode == "0" ? null : Range(range);
            else if (words is [_, [_, _, _, 'p' or 's'], ..])
                mapping = null;
            else if (words is ["Anonymous:", "0", ..] && mapping is { } clean)
                yield return clean;
        }
    }

    private static (nint Start, nint Length) Range(string range)
    {
        var (dash, hexadecimal) = (range.IndexOf('-', StringComparison.Ordinal), NumberStyles.AllowHexSpecifier);
        var start = nint.Parse(range.AsSpan(0, dash), hexadecimal, CultureInfo.InvariantCulture);
        return (start, nint.Parse(range.AsSpan(dash + 1), hexadecimal, CultureInfo.InvariantCulture) - start);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nint length, int advice);
}
