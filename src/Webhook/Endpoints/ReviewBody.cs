using System.Buffers;
using System.Numerics;
using Microsoft.AspNetCore.Http;

namespace GpuMem.Webhook.Endpoints;

/// <summary>
/// The bytes of one review, in a buffer that the next one uses again. It grows with what really arrives, whether or not a length was
/// announced: a header alone must neither cost megabytes nor use up the budget of others.
/// </summary>
internal sealed class ReviewBody(BodyBudget budget) : IDisposable
{
    /// <summary>
    /// Most reviews are smaller, and outside the budget: large ones, however many, never keep them from being answered. The number of
    /// connections bounds them.
    /// </summary>
    public const int AlwaysRead = 16 * 1024;

    private byte[] _buffer = [];

    private int _length;

    private long _taken;

    /// <summary>All of the body, or its beginning when the budget has ended it.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>False when the budget of all requests is spent: the beginning is here and the rest was not read.</summary>
    public async ValueTask<bool> ReadAsync(HttpRequest request)
    {
        _buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(request.ContentLength + 1 ?? AlwaysRead, AlwaysRead));
        while (true)
        {
            if (_length == _buffer.Length && !TryGrow(request.ContentLength))
                return false;
            var read = await request.Body.ReadAsync(_buffer.AsMemory(_length));
            if (read == 0)
                return true;
            _length += read;
        }
    }

    public void Dispose()
    {
        var buffer = _buffer;
        (_buffer, _length) = ([], 0);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        budget.GiveBack(_taken);
        _taken = 0;
    }

    /// <summary>Twice as large, but for an announced length. One byte more than that finds the end without growing again.</summary>
    private bool TryGrow(long? announced)
    {
        var wanted = Math.Min(2L * _buffer.Length, Math.Max(announced + 1 ?? long.MaxValue, _length + 1));
        // The sizes that the array pool has.
        wanted = (long)BitOperations.RoundUpToPowerOf2((ulong)wanted);
        if (!budget.TryTake(wanted))
            return false;
        var larger = ArrayPool<byte>.Shared.Rent((int)wanted);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        budget.GiveBack(_taken);
        (_buffer, _taken) = (larger, wanted);
        return true;
    }
}
