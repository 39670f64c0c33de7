namespace GpuMem.Bench.Estimates;

/// <summary><c>Estimates</c> measures speed; <c>Estimates --fuzz [CASES] [SEED]</c> feeds the parsers.</summary>
internal static class Program
{
    private const long DefaultCases = 10_000_000;

    public static int Main(string[] args)
    {
        if (args is [] or ["--speed"])
            return Speed.Run();
        if (args is ["--fuzz", ..])
            return Fuzz.Run(args.Length > 1 ? long.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : DefaultCases,
                args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 1);
        Console.Error.WriteLine("usage: Estimates [--speed | --fuzz [CASES] [SEED]]");
        return 1;
    }
}
