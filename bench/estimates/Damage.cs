using System.Text;

namespace GpuMem.Bench.Estimates;

/// <summary>One to four random injuries to a JSON text: lost, repeated and foreign bytes, numbers no one expects, keys given twice, deep nesting.</summary>
internal sealed class Damage(Random random)
{
    private static readonly byte[][] Foreign = [.. new[]
    {
        "null", "true", "-1", "0", "1e308", "1e-400", "9223372036854775808", "\"32\"", "[]", "{}", "NaN", "\u0000", "\"", "{", "}", ":", ",", "\\ud800", "1.5", "-0",
        new string('[', 200), new string('9', 400),
    }.Select(Encoding.UTF8.GetBytes)];

    public byte[] Of(byte[] whole)
    {
        var bytes = new List<byte>(whole);
        for (var injuries = random.Next(1, 5); injuries > 0; injuries--)
            Injure(bytes);
        return [.. bytes];
    }

    private void Injure(List<byte> bytes)
    {
        if (bytes.Count == 0)
            return;
        var place = random.Next(bytes.Count);
        switch (random.Next(5))
        {
            case 0:
                bytes.RemoveRange(place, Math.Min(random.Next(1, 20), bytes.Count - place));
                break;
            case 1:
                bytes[place] = (byte)random.Next(256);
                break;
            case 2:
                bytes.InsertRange(place, Foreign[random.Next(Foreign.Length)]);
                break;
            case 3:
                bytes.InsertRange(place, bytes.GetRange(place, Math.Min(random.Next(1, 60), bytes.Count - place)));
                break;
            default:
                Replace(bytes, place);
                break;
        }
    }

    /// <summary>A value in the place of another, so that most inputs stay JSON and reach what lies behind its reader.</summary>
    private void Replace(List<byte> bytes, int from)
    {
        var colon = bytes.IndexOf((byte)':', from);
        if (colon < 0)
            return;
        var end = bytes.FindIndex(colon, value => value is (byte)',' or (byte)'}');
        if (end < 0)
            return;
        bytes.RemoveRange(colon + 1, end - colon - 1);
        bytes.InsertRange(colon + 1, Foreign[random.Next(Foreign.Length)]);
    }
}
