namespace GpuMem.Api.Commands;

/// <summary>
/// How much all that stands for variables in one container may come to: twice what one word may. A script that doubles a variable forty times runs nowhere, and
/// is not to fill our memory.
/// </summary>
internal sealed class Expansions
{
    /// <summary>Letters of one word, and so of a script that is one: with more a process does not start (execve(2), MAX_ARG_STRLEN).</summary>
    public const int LongestWord = 128 * 1024;

    private long _left = 2 * LongestWord;

    /// <summary>Takes what stands for a reference; false when it is too much, and the reference stays as it is written.</summary>
    public bool Take(long letters)
    {
        if (letters >= _left)
            return false;
        _left -= letters + 1;
        return true;
    }
}
