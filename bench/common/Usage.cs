using System.Globalization;

namespace GpuMem.Bench.Common;

/// <summary>What a process has taken of the machine, as Linux counts it (proc(5)).</summary>
internal sealed class Usage(int processId)
{
    // USER_HZ, 100 on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Seconds of user and system time since it started.</summary>
    public double CpuSeconds
    {
        get
        {
            // The name in parentheses may hold blanks; utime and stime are the 14th and 15th field of all.
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
        }
    }

    public double ResidentMiB => Status("VmRSS");

    public double PeakMiB => Status("VmHWM");

    public void ForgetPeak() => File.WriteAllText($"/proc/{processId}/clear_refs", "5");

    private double Status(string name)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith($"{name}:", StringComparison.Ordinal));
        return Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1]) / 1024;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
