using System.Globalization;
using System.Text;

namespace GpuMem.Bench.Common;

/// <summary>One manifest in JSON for many objects: encoded once, with a number put in where it says <c>@@</c>.</summary>
internal sealed class Body(string json)
{
    private readonly byte[][] _parts = [.. json.Split("@@").Select(Encoding.UTF8.GetBytes)];

    public byte[] Of(int number)
    {
        var digits = Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));
        using var whole = new MemoryStream(_parts.Sum(part => part.Length) + digits.Length * _parts.Length);
        for (var i = 0; i < _parts.Length; i++)
        {
            if (i > 0)
                whole.Write(digits);
            whole.Write(_parts[i]);
        }
        return whole.ToArray();
    }
}
