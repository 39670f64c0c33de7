namespace GpuMem.Bench.Estimates;

/// <summary>Numbers of parameters, most of them not quite.</summary>
internal sealed class BrokenCounts(Random random)
{
    private static readonly string[] Units = ["", "B", "b", "M", "K", "T", " B", "BB", "e9", "x7B", "Ω", "-", ".", "\0"];

    public string Next() => random.Next(6) switch
    {
        0 => $"{random.Next(1, 2000)}{Pick(Units)}",
        1 => $"{random.NextDouble() * Math.Pow(10, random.Next(-20, 40)):R}{Pick(Units)}",
        2 => $"{random.NextInt64(long.MinValue, long.MaxValue)}{Pick(Units)}",
        3 => new string((char)random.Next(32, 127), random.Next(0, 400)) + Pick(Units),
        4 => $"{random.Next(10)}{Pick(Units)}{random.Next(10)}{Pick(Units)}",
        _ => string.Create(random.Next(0, 24), random, static (text, source) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)source.Next(0, 0x3000);
        }),
    };

    private string Pick(string[] among) => among[random.Next(among.Length)];
}
